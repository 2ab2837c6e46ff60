//! Claims side by side: OneLogin's shapes, scopes that brought nothing, and size.

use latchkey_oidc::claims::{
    self, ClaimRow, ClaimsView, ScopeNote, Shape, WHO_LIMIT, scope_notes, updated_at, view, who,
};
use latchkey_oidc::{Check, Finding, Status};
use serde_json::{Value, json};

fn scopes(names: &str) -> Vec<String> {
    names.split(' ').map(str::to_owned).collect()
}

/// The documented v2 sign-in of peggy.sue, claims of a token included.
fn peggy() -> Value {
    json!({
        "at_hash": "UnQAjiMVu7OhJYPHRNbhQA",
        "aud": "ba88ac70-1234-0135-527a",
        "iss": "https://acme.onelogin.com/oidc/2",
        "exp": 1_523_577_359,
        "iat": 1_523_570_159,
        "sub": "32916209",
        "email": "peggy.sue@onelogin.com",
        "preferred_username": "peggy.sue",
        "name": "Peggy Sue",
        "updated_at": 1_510_295_794_456_i64,
        "given_name": "Peggy",
        "family_name": "Sue",
        "zebra": true,
        "aardvark": 1,
        "groups": ["Admin Role", "User Role", "Custom Roll"],
        "params": {"department": "Payroll", "badge": "7"},
    })
}

fn row<'a>(view: &'a ClaimsView, name: &str) -> &'a ClaimRow {
    view.rows.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("{name} is there"))
}

fn note<'a>(view: &'a ClaimsView, scope: &str) -> &'a ScopeNote {
    view.scopes.iter().find(|note| note.scope == scope).unwrap_or_else(|| panic!("{scope} is there"))
}

fn findings(
    id_token: Option<&Value>,
    userinfo: Option<&Value>,
    scopes: &[String],
    onelogin: bool,
) -> Vec<Finding> {
    let (id_token, userinfo) = (id_token.and_then(Value::as_object), userinfo.and_then(Value::as_object));
    // What became of the scopes is the same without the rows.
    let notes = view(
        id_token.cloned().map(Value::Object).as_ref(),
        userinfo.cloned().map(Value::Object).as_ref(),
        None,
        scopes,
        onelogin,
    )
    .scopes;
    assert_eq!(scope_notes(id_token, userinfo, scopes, onelogin), notes);
    claims::findings(id_token, userinfo, scopes, onelogin)
}

fn pair(id_token: Value, userinfo: Value) -> ClaimsView {
    view(Some(&id_token), Some(&userinfo), None, &scopes("openid profile email groups params"), true)
}

#[test]
fn rows_begin_with_who_it_is_and_end_with_the_protocol() {
    let userinfo = json!({"sub": "32916209", "locale": "en", "extra": 1});
    let view = view(Some(&peggy()), Some(&userinfo), None, &scopes("openid"), true);
    let names: Vec<_> = view.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(
        names.join(" "),
        "sub name preferred_username given_name family_name email groups params locale updated_at \
         aardvark extra zebra iss aud exp iat at_hash"
    );
    assert_eq!(row(&view, "sub").id_token, row(&view, "sub").userinfo);
    assert_eq!(row(&view, "extra").id_token, None);
    assert_eq!(row(&view, "zebra").userinfo, None);
}

#[test]
fn claims_name_the_asked_for_scope_that_they_come_from() {
    let of = |asked: &str, claim: &str, onelogin| {
        let view = view(Some(&peggy()), None, None, &scopes(asked), onelogin);
        row(&view, claim).scope.clone()
    };
    let cases = [
        ("openid profile", "name", true, Some("profile")),
        ("openid name", "name", true, Some("name")),
        // OneLogin sends name, user name and email address for openid alone.
        ("openid", "name", true, Some("openid")),
        ("openid", "email", true, Some("openid")),
        ("openid email", "email", true, Some("email")),
        ("openid", "given_name", true, Some("profile")),
        ("openid", "name", false, Some("profile")),
        ("openid", "email", false, Some("email")),
        ("openid", "sub", true, Some("openid")),
        ("openid", "groups", true, Some("groups")),
        ("openid", "params", true, Some("params")),
        ("openid", "params", false, None),
        ("openid", "updated_at", true, Some("profile")),
        ("openid", "iss", true, None),
        ("openid", "zebra", true, None),
    ];
    for (asked, claim, onelogin, scope) in cases {
        assert_eq!(of(asked, claim, onelogin).as_deref(), scope, "{claim} for {asked}");
    }
}

#[test]
fn differences_are_by_value_and_only_where_both_have_the_claim() {
    let differs = |a: Value, b: Value| row(&pair(json!({"x": a}), json!({"x": b})), "x").differs;
    assert!(!differs(json!(1), json!(1.0)));
    assert!(!differs(json!(1e2), json!(100)));
    assert!(differs(json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992_i64)));
    assert!(differs(json!(1), json!("1")));
    assert!(differs(json!(0.5), json!(0)));
    assert!(!differs(json!({"a": 1, "b": [1]}), json!({"b": [1.0], "a": 1})));
    assert!(differs(json!({"a": 1}), json!({"a": 1, "b": null})));
    assert!(differs(json!(["a", "b"]), json!(["b", "a"])));
    assert!(differs(json!(null), json!("")));

    let view =
        pair(peggy(), json!({"sub": "32916209", "exp": 1, "iat": 2, "nbf": 3, "jti": "a", "iss": "b"}));
    let different: Vec<_> = view.rows.iter().filter(|row| row.differs).map(|row| row.name.as_str()).collect();
    assert_eq!(different, ["iss"], "the times of two tokens differ by nature");
}

#[test]
fn a_difference_says_what_kind_it_is_where_that_helps() {
    let note =
        |name: &str, a: Value, b: Value| row(&pair(json!({name: a}), json!({name: b})), name).note.clone();
    assert_eq!(
        note("groups", json!(["A", "B"]), json!(["B", "A"])).as_deref(),
        Some("The same entries in another order.")
    );
    assert_eq!(note("groups", json!(["A", "B"]), json!(["B", "C"])), None);
    assert_eq!(
        note("params", json!({"a": 1, "b": 2}), json!({"a": 1, "b": 3, "c\u{200b}": 4})).as_deref(),
        Some("Different in b, c\\u{200b}.")
    );
    assert_eq!(
        note("updated_at", json!("2017-11-10T06:36:34.456Z"), json!(1_510_295_794)).as_deref(),
        Some("The same moment in two shapes.")
    );
    assert_eq!(note("updated_at", json!(1), json!(2)), None);
}

#[test]
fn introspection_stands_beside_and_what_it_has_in_common_is_compared() {
    let introspection = json!({
        "active": true, "token_type": "Bearer", "client_id": "ba88ac70-1234-0135-527a", "scope": "openid",
        "sub": "32916209", "iss": "https://acme.onelogin.com/oidc/2", "aud": "https://api.acme.example",
        "exp": 1_523_573_759, "iat": 1_523_570_159, "jti": "x", "sid": "s",
    });
    let view = view(Some(&peggy()), None, Some(&introspection), &scopes("openid"), true);
    let names: Vec<_> = view.rows.iter().map(|row| row.name.as_str()).collect();
    assert!(
        names.ends_with(&[
            "iss",
            "aud",
            "exp",
            "iat",
            "at_hash",
            "sid",
            "jti",
            "active",
            "token_type",
            "client_id",
            "scope"
        ]),
        "{names:?}"
    );
    assert_eq!(row(&view, "sub").introspection, Some(json!("32916209")));
    assert_eq!(row(&view, "name").introspection, None);
    assert_eq!(row(&view, "active").introspection, Some(json!(true)));
    assert!(row(&view, "active").id_token.is_none() && row(&view, "active").userinfo.is_none());
    // Another life and another audience are an access token's own.
    assert!(view.rows.iter().all(|row| !row.differs), "{:#?}", view.rows);
    assert_eq!(note(&view, "openid").claims, ["sub", "name", "preferred_username", "email"]);
}

#[test]
fn introspection_that_speaks_of_somebody_else_differs_from_either_place() {
    let differs = |id_token: Value, userinfo: Value, introspection: Value| {
        let view = view(Some(&id_token), Some(&userinfo), Some(&introspection), &[], true);
        view.rows.iter().filter(|row| row.differs).map(|row| row.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(differs(json!({"sub": "1", "iss": "a"}), json!({}), json!({"sub": "2", "iss": "a"})), ["sub"]);
    assert_eq!(differs(json!({}), json!({"email": "a@b"}), json!({"email": "c@d"})), ["email"]);
    assert_eq!(differs(json!({"sub": "1"}), json!({"sub": "1"}), json!({"sub": 1})), ["sub"]);
    assert_eq!(differs(json!({"aud": "a"}), json!({"aud": "b"}), json!({"aud": "c"})), ["aud"]);
    assert_eq!(
        differs(json!({"exp": 1, "jti": "a"}), json!({}), json!({"exp": 2, "jti": "b"})),
        Vec::<String>::new()
    );
    let groups = json!({"groups": ["A", "B"]});
    let view = view(None, Some(&groups), Some(&json!({"groups": ["B", "A"]})), &[], true);
    assert_eq!(row(&view, "groups").note.as_deref(), Some("The same entries in another order."));
}

#[test]
fn a_scope_that_only_introspection_speaks_of_brought_nothing() {
    let claims = json!({"active": true, "sub": "1", "email": "a@b"});
    let view = view(None, Some(&json!({})), Some(&claims), &scopes("openid email"), true);
    for scope in ["openid", "email"] {
        assert!(note(&view, scope).claims.is_empty() && note(&view, scope).note.is_some(), "{scope}");
    }
}

#[test]
fn members_of_introspection_are_readable() {
    let id_token = json!({"exp": 1_523_577_359, "iat": 1_523_570_159, "sid": "s", "active": true});
    let introspection = json!({
        "active": false, "token_type": "bearer", "client_id": "c", "exp": 1_523_573_759, "iat": 1_523_570_159,
        "sid": "s",
    });
    let of_token = view(Some(&id_token), None, Some(&introspection), &[], true);
    let reading = |name: &str| row(&of_token, name).reading.as_deref().unwrap_or_default().to_owned();
    assert_eq!(reading("active"), "the provider does not take the access token any more");
    assert_eq!(reading("token_type"), "whoever holds it can use it");
    assert_eq!(reading("client_id"), "the client that it was issued to");
    assert_eq!(reading("exp"), "ID token: 2018-04-12 23:55:59 UTC; introspection: 2018-04-12 22:55:59 UTC");
    assert_eq!(reading("iat"), "2018-04-12 21:55:59 UTC");
    assert_eq!(reading("sid"), "the session at the provider");

    let kind = json!({"active": true, "token_type": "access_token"});
    let of_onelogin = view(None, None, Some(&kind), &[], true);
    assert_eq!(row(&of_onelogin, "token_type").reading.as_deref(), Some("an access token"));
    assert_eq!(row(&of_onelogin, "active").reading.as_deref(), Some("the provider takes the access token"));
    // The same names among a user's claims mean something else.
    let of_user = view(None, Some(&introspection), None, &[], true);
    for name in ["active", "token_type", "client_id"] {
        assert_eq!(row(&of_user, name).reading, None, "{name}");
    }
}

#[test]
fn updated_at_is_read_in_its_three_shapes() {
    let cases = [
        (json!("2017-11-10T06:36:34.456Z"), Shape::Iso8601, "2017-11-10 06:36:34 UTC (ISO 8601)"),
        (json!("2018-04-12T21:55:56Z"), Shape::Iso8601, "2018-04-12 21:55:56 UTC (ISO 8601)"),
        (json!("2018-04-12T23:55:56+02:00"), Shape::Iso8601, "2018-04-12 21:55:56 UTC (ISO 8601)"),
        (json!(1_510_295_794_456_i64), Shape::Milliseconds, "2017-11-10 06:36:34 UTC (milliseconds)"),
        (json!(1_510_295_794), Shape::Seconds, "2017-11-10 06:36:34 UTC (seconds)"),
        (json!(1_510_295_794.5), Shape::Seconds, "2017-11-10 06:36:34 UTC (seconds)"),
        (json!(0), Shape::Seconds, "1970-01-01 00:00:00 UTC (seconds)"),
    ];
    for (value, shape, reading) in cases {
        assert_eq!(updated_at(&value).map(|moment| moment.shape), Ok(shape), "{value}");
        let view = view(Some(&json!({"updated_at": value})), None, None, &[], true);
        assert_eq!(row(&view, "updated_at").reading.as_deref(), Some(reading));
    }
    let faults = [
        (json!("1510295794"), "a number written as a string"),
        (json!("yesterday"), "a string that is no ISO 8601 time"),
        (json!("2017-11-10T06:36:34"), "an ISO 8601 time without a time zone"),
        (json!("x".repeat(200_000)), "a string that is no ISO 8601 time"),
        (json!(""), "an empty string"),
        (json!(1_510_295_794_456_000_i64), "too large for seconds or milliseconds"),
        (json!(-5), "a number that is no time"),
        (json!(1e300), "a number that is no time"),
        (json!(null), "neither a string nor a number"),
        (json!([1]), "neither a string nor a number"),
    ];
    for (value, fault) in faults {
        assert_eq!(updated_at(&value), Err(fault));
    }
}

#[test]
fn times_of_the_protocol_are_readable() {
    let id_token = json!({"exp": 1_523_577_359, "iat": 1_523_570_159, "nbf": "soon", "auth_time": 1_523_570_159_000_i64});
    let view = view(Some(&id_token), None, None, &[], true);
    let reading = |name: &str| row(&view, name).reading.as_deref().unwrap_or_default().to_owned();
    assert_eq!(reading("exp"), "2018-04-12 23:55:59 UTC");
    assert_eq!(reading("iat"), "2018-04-12 21:55:59 UTC");
    assert_eq!(reading("nbf"), "not a time: it must be a number");
    assert_eq!(reading("auth_time"), "2018-04-12 21:55:59 UTC if these are milliseconds; seconds are due");
}

#[test]
fn groups_are_read_as_list_string_or_nothing() {
    let cases = [
        (json!(["Admin Role", "User Role", "Custom Roll"]), "3 groups"),
        (json!(["Admin Role"]), "1 group"),
        (json!(["Admin Role", 5]), "2 groups, 1 of them not a string"),
        (json!([]), "an empty list"),
        (json!("Admin Role"), "a single string: Admin Role"),
        (json!("Admin\u{202e} Role"), "a single string: Admin\\u{202e} Role"),
        (
            json!("Admin Role;User Role; "),
            "a single string of 2 parts between semicolons: Admin Role;User Role;",
        ),
        (json!(" "), "an empty string"),
        (json!(null), "null"),
        (json!({"a": 1}), "neither a list nor a string"),
    ];
    for (value, reading) in cases {
        let view = view(None, Some(&json!({"groups": value})), None, &scopes("groups"), true);
        assert_eq!(row(&view, "groups").reading.as_deref(), Some(reading));
    }
    let view = pair(json!({"groups": ["A", "B"]}), json!({"groups": ["A"]}));
    assert_eq!(row(&view, "groups").reading.as_deref(), Some("ID token: 2 groups; UserInfo: 1 group"));
}

#[test]
fn groups_between_semicolons_point_to_the_setting() {
    for value in [json!("A;B"), json!(["A;B"])] {
        let claims = json!({"groups": value});
        let at_onelogin = view(None, Some(&claims), None, &scopes("groups"), true);
        let note = row(&at_onelogin, "groups").note.clone().unwrap();
        assert!(
            note.contains("Semicolon Delimited Input at Applications › the app › Parameters › Groups"),
            "{note}"
        );
        let elsewhere = view(None, Some(&claims), None, &scopes("groups"), false);
        assert!(!row(&elsewhere, "groups").note.clone().unwrap().contains('›'));
        let finding = findings(None, Some(&claims), &scopes("groups"), true).remove(0);
        assert_eq!((finding.check, finding.status), (Check::Groups, Status::Warning));
    }
}

#[test]
fn custom_attributes_are_counted_and_named() {
    let view = view(Some(&peggy()), None, None, &scopes("openid params"), true);
    assert_eq!(row(&view, "params").reading.as_deref(), Some("2 attributes: department, badge"));
    let many: serde_json::Map<String, Value> = (0..9).map(|n| (format!("a{n}"), json!(n))).collect();
    let view = pair(json!({ "params": many }), json!({}));
    assert_eq!(row(&view, "params").reading.as_deref(), Some("9 attributes: a0, a1, a2, a3, a4 and 4 more"));
}

#[test]
fn asked_for_scopes_say_what_they_brought() {
    let asked = scopes("openid profile groups params openid offline_access");
    let view = view(Some(&peggy()), Some(&json!({})), None, &asked, true);
    let names: Vec<_> = view.scopes.iter().map(|note| note.scope.as_str()).collect();
    assert_eq!(names, ["openid", "profile", "groups", "params"]);
    assert_eq!(note(&view, "openid").claims, ["sub", "email"]);
    assert_eq!(
        note(&view, "profile").claims,
        ["name", "preferred_username", "given_name", "family_name", "updated_at"]
    );
    assert_eq!(note(&view, "groups").claims, ["groups"]);
    assert!(view.scopes.iter().all(|note| note.note.is_none()));
}

#[test]
fn scopes_that_brought_nothing_name_the_setting() {
    let asked = scopes("openid profile name email phone address groups params made_up");
    let empty = json!({"groups": [], "email": "", "phone_number": null, "params": {}});
    let view = view(Some(&json!({"iss": "x"})), Some(&empty), None, &asked, true);
    let cases = [
        ("openid", "without scopes"),
        ("profile", "Users › Users › the user › User Info"),
        ("name", "Users › Users › the user › User Info"),
        ("email", "Users › Users › the user › User Info › Email"),
        ("phone", "Users › Users › the user › User Info › Phone Number"),
        ("address", "Applications › the app › Parameters"),
        (
            "groups",
            "Applications › the app › Parameters › Groups › User Roles (or MemberOf), Semicolon Delimited Input",
        ),
        ("params", "Applications › the app › Parameters"),
        ("made_up", "Developers › API Authorization"),
    ];
    for (scope, words) in cases {
        let note = note(&view, scope);
        assert!(note.claims.is_empty(), "{scope}");
        assert!(note.note.as_deref().unwrap().contains(words), "{scope}: {:?}", note.note);
    }
    let elsewhere = latchkey_oidc::claims::view(None, Some(&json!({})), None, &asked, false);
    for note in &elsewhere.scopes {
        let words = note.note.as_deref().unwrap();
        assert!(!words.contains('›') && !words.contains("OneLogin"), "{words}");
    }
}

#[test]
fn scopes_say_so_where_userinfo_was_not_read() {
    let view = view(Some(&json!({"sub": "1"})), None, None, &scopes("openid groups"), true);
    assert!(note(&view, "groups").note.as_deref().unwrap().contains("UserInfo was not read"));
    let nothing = latchkey_oidc::claims::view(None, None, None, &scopes("openid"), true);
    assert!(nothing.rows.is_empty());
    assert_eq!(note(&nothing, "openid").note.as_deref(), Some("Neither an ID token nor UserInfo came."));
}

#[test]
fn findings_warn_of_groups_that_were_asked_for_and_did_not_come() {
    let status = |claims: Value, asked: &str| {
        findings(Some(&json!({"sub": "1"})), Some(&claims), &scopes(asked), true)
            .into_iter()
            .find(|finding| finding.check == Check::Groups)
            .map(|finding| (finding.status, finding.received.into_owned(), finding.remedy.is_some()))
    };
    let warned = |received: &str| Some((Status::Warning, received.to_owned(), true));
    assert_eq!(status(json!({}), "openid"), None, "not asked for");
    assert_eq!(status(json!({}), "openid groups"), warned("none"));
    assert_eq!(status(json!({"groups": []}), "openid groups"), warned("an empty list"));
    assert_eq!(status(json!({"groups": 5}), "openid groups"), warned("neither a list nor a string"));
    assert_eq!(
        status(json!({"groups": ["A"]}), "openid groups"),
        Some((Status::Passed, "1 group".to_owned(), false))
    );
    assert_eq!(
        status(json!({"groups": "A"}), "groups"),
        Some((Status::Passed, "a single string: A".to_owned(), false))
    );
    let finding = findings(None, None, &scopes("groups"), true).remove(0);
    assert!(finding.remedy.unwrap().contains("Applications › the app › Parameters › Groups › User Roles"));
    let finding = findings(None, None, &scopes("groups"), false).remove(0);
    assert!(!finding.remedy.unwrap().contains("OneLogin"));
}

#[test]
fn findings_pass_the_three_shapes_of_updated_at_and_warn_of_others() {
    let status = |id_token: Value, userinfo: Value| {
        findings(Some(&id_token), Some(&userinfo), &[], true)
            .into_iter()
            .next()
            .map(|f| (f.status, f.received.into_owned()))
    };
    for value in [json!("2017-11-10T06:36:34.456Z"), json!(1_510_295_794_456_i64), json!(1_510_295_794)] {
        assert_eq!(
            status(json!({"updated_at": value}), json!({})).map(|(status, _)| status),
            Some(Status::Passed)
        );
    }
    assert_eq!(status(json!({}), json!({})), None);
    assert_eq!(
        status(json!({"updated_at": 1}), json!({"updated_at": "yester\u{200b}day"})),
        Some((Status::Warning, "“yester\\u{200b}day”: a string that is no ISO 8601 time".to_owned()))
    );
    assert_eq!(
        status(json!({"updated_at": -1}), json!({})),
        Some((Status::Warning, "-1: a number that is no time".to_owned()))
    );
}

#[test]
fn who_takes_the_first_name_there_is_and_makes_it_harmless() {
    let of = |a: Value, b: Value| who(Some(&a), Some(&b));
    assert_eq!(who(Some(&peggy()), None).as_deref(), Some("Peggy Sue"));
    assert_eq!(who(None, Some(&json!({"sub": "7"}))).as_deref(), Some("7"));
    assert_eq!(of(json!({"sub": "1"}), json!({"name": "Sally Tyler"})).as_deref(), Some("Sally Tyler"));
    assert_eq!(of(json!({"name": "  ", "email": "a@b"}), json!({})).as_deref(), Some("a@b"));
    assert_eq!(of(json!({"name": ["x"], "sub": 5}), json!([])), None);
    assert_eq!(who(None, None), None);
    let hostile = who(Some(&json!({"name": "\u{202e}eve".repeat(50_000)})), None).unwrap();
    assert!(hostile.starts_with("\\u{202e}eve") && hostile.chars().count() <= WHO_LIMIT, "{hostile}");
}

#[test]
fn h21_hostile_claim_names_are_made_visible() {
    let view =
        view(Some(&json!({"\u{202e}eman": "<script>", "": 1})), None, None, &scopes("\u{200b}openid"), true);
    assert_eq!(row(&view, "\\u{202e}eman").id_token, Some(json!("<script>")));
    assert_eq!(view.scopes[0].scope, "\\u{200b}openid");
    assert_eq!(view.rows.len(), 2);
}

#[test]
fn what_is_no_object_counts_as_absent() {
    for odd in [json!([]), json!("x"), json!(null)] {
        assert!(view(Some(&odd), Some(&odd), Some(&odd), &[], true).rows.is_empty());
    }
}

/// 5,000 groups in both places and 200 kB of other claims. In release it takes well under 5 ms; the
/// limit here leaves room for a debug build on a busy machine.
#[test]
fn h27_five_thousand_groups_and_200_kb_of_claims_are_quick() {
    let groups: Vec<_> = (0..5_000).map(|n| format!("Group number {n}")).collect();
    let mut id_token = peggy();
    id_token["groups"] = json!(groups);
    for n in 0..4_000 {
        id_token[format!("claim_{n}")] = json!("forty characters of value, more or less");
    }
    let mut userinfo = id_token.clone();
    userinfo["groups"].as_array_mut().unwrap().reverse();
    let asked = scopes("openid profile email groups params");
    // The best of three, so that another process does not decide.
    let (taken, view, findings) = (0..3)
        .map(|_| {
            let begun = std::time::Instant::now();
            let view = view(Some(&id_token), Some(&userinfo), None, &asked, true);
            let findings = findings(Some(&id_token), Some(&userinfo), &asked, true);
            (begun.elapsed(), view, findings)
        })
        .min_by_key(|(taken, ..)| *taken)
        .unwrap();
    assert_eq!(view.rows.len(), 4_016);
    assert_eq!(row(&view, "groups").note.as_deref(), Some("The same entries in another order."));
    assert_eq!(findings.len(), 2);
    let limit = if cfg!(debug_assertions) { 500 } else { 5 };
    assert!(taken.as_millis() < limit, "{taken:?}");
}
