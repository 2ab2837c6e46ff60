//! People whose claims are hard to show: too many, or written to mislead whoever displays them.

use serde_json::{Map, Value, json};

use crate::users::{Groups, User};

/// 5,000 groups.
pub(crate) fn many_groups() -> User {
    let mut user = User::new("41870011", "greta.groups", "demo-greta", "Greta", "Groups");
    user.profile.groups = Groups::Named((1..=5_000).map(|number| format!("Group {number:04}")).collect());
    user
}

/// Text that hides, reverses, steers a terminal, or would be markup or a formula where it is not shown as text.
pub(crate) fn hostile() -> User {
    let mut user = User::new("41870012", "hugo.hostile", "demo-hugo", "Hugo", "Hostile");
    let profile = &mut user.profile;
    profile.name = "Hugo <script>document.title='owned'</script> \u{202e}elitsoH\u{202c}".to_owned();
    profile.given_name = "<img src=x onerror=\"document.title='owned'\">".to_owned();
    profile.family_name = "Host\u{200b}ile\u{1b}[2J\u{1b}]0;owned\u{7}".to_owned();
    profile.email = "hugo@acme.example\u{202e}moc.live@".to_owned();
    profile.phone_number = Some("=HYPERLINK(\"http://203.0.113.7/\",\"call\")".to_owned());
    profile.groups = Groups::Named(
        [
            "Admin\u{2066} Role\u{2069}",
            "<b>User Role</b>",
            "{{constructor.constructor('return 1')()}}",
            "javascript:document.title='owned'",
            "line one\nline two\r\u{2028}line three\u{0}",
            "'; touch owned; '",
            "[a link](javascript:void)",
            "\u{feff}\u{e0041}\u{e007f}\u{fe0f}",
            "-2+3+cmd|' /C calc'!A0",
        ]
        .map(str::to_owned)
        .to_vec(),
    );
    profile.more.insert("picture".to_owned(), json!("http://127.0.0.1:9/pixel.png"));
    profile.more.insert("profile".to_owned(), json!("javascript:document.title='owned'"));
    profile.more.insert("<script>claim</script>\u{202e}".to_owned(), json!("a claim whose name is hostile"));
    profile.more.insert("__proto__".to_owned(), json!({"polluted": true}));
    profile.params.insert("\u{1b}[31mred".to_owned(), json!("\u{1b}[5mblink\u{1b}[0m"));
    user
}

/// About 200 kB over 400 claims of all JSON types.
pub(crate) fn many_claims() -> User {
    let mut user = User::new("41870013", "clara.claims", "demo-clara", "Clara", "Claims");
    user.profile.more =
        (1..=400).map(|number| (format!("custom_{number:03}"), custom_claim(number))).collect();
    user
}

fn custom_claim(number: usize) -> Value {
    let words = format!("Claim {number:03} carries a long sentence about nothing. ");
    match number % 4 {
        0 => Value::from(words.repeat(10)),
        1 => {
            json!({"text": words.repeat(9), "number": number, "even": number.is_multiple_of(2), "nothing": null})
        }
        2 => (0..20)
            .map(|index| Value::from(format!("{words}{index}").chars().take(26).collect::<String>()))
            .collect(),
        _ => {
            let members: Map<String, Value> = (0..12)
                .map(|index| (format!("member_{index:02}"), json!([index, words[..24].trim()])))
                .collect();
            Value::Object(members)
        }
    }
}
