use super::*;

#[test]
fn onelogin_is_found_from_whatever_is_typed() {
    for (typed, issuer) in [
        ("acme", "https://acme.onelogin.com/oidc/2"),
        (" ACME ", "https://acme.onelogin.com/oidc/2"),
        ("acme.onelogin.com", "https://acme.onelogin.com/oidc/2"),
        ("https://acme.onelogin.com/portal/", "https://acme.onelogin.com/oidc/2"),
        ("https://acme-admin.onelogin.com/apps", "https://acme.onelogin.com/oidc/2"),
        ("login.acme.example", "https://login.acme.example/oidc/2"),
    ] {
        assert_eq!(Issuer::onelogin(typed).unwrap().as_str(), issuer, "{typed}");
    }
    for typed in ["", "  ", "a b", "me@acme"] {
        assert!(Issuer::onelogin(typed).is_err(), "{typed} was taken");
    }
}

#[test]
fn an_issuer_stays_as_it_was_typed() {
    for text in [
        "https://a.example/oidc/2/",
        "https://A.example",
        "http://127.0.0.1:8080/oidc",
        "http://[::1]:1/x",
        "http://localhost",
    ] {
        assert_eq!(Issuer::parse(text).unwrap().as_str(), text);
    }
    assert_eq!(
        Issuer::parse("https://a.example/oidc/2/.well-known/openid-configuration").unwrap().as_str(),
        "https://a.example/oidc/2"
    );
}

#[test]
fn what_can_be_no_issuer_is_refused_with_a_reason() {
    for (text, reason) in [
        ("", "empty"),
        ("acme.onelogin.com/oidc/2", "scheme"),
        ("http://acme.onelogin.com/oidc/2", "in the clear"),
        ("http://127.0.0.1.evil.example/", "in the clear"),
        ("ftp://a.example", "neither"),
        ("https://user:pw@a.example", "user name"),
        ("https://a.example?x=1", "query"),
        ("https://a.example#x", "fragment"),
        ("https://", "host"),
        ("https://a b.example", ""),
        ("mailto:a@b.example", ""),
    ] {
        let problem = Issuer::parse(text).unwrap_err();
        assert!(problem.explanation.contains(reason), "{text}: {}", problem.explanation);
        assert!(!problem.remedy.is_empty());
    }
}

#[test]
fn discovery_is_below_the_issuer() {
    for (issuer, url) in [
        ("https://a.example", "https://a.example/.well-known/openid-configuration"),
        ("https://a.example/oidc/2", "https://a.example/oidc/2/.well-known/openid-configuration"),
        ("https://a.example/oidc/2/", "https://a.example/oidc/2/.well-known/openid-configuration"),
    ] {
        assert_eq!(Issuer::parse(issuer).unwrap().discovery_url().as_str(), url);
    }
}

#[test]
fn generations_are_told_apart() {
    for (issuer, generation, retired) in [
        ("https://openid-connect.onelogin.com/oidc", Generation::OneloginV1, true),
        ("https://openid-connect-eu.onelogin.com/oidc", Generation::OneloginV1, true),
        ("https://acme.onelogin.com/oidc/2", Generation::OneloginV2, false),
        ("https://login.acme.example/oidc/2", Generation::OneloginV2, false),
        ("http://127.0.0.1:9/oidc", Generation::OneloginV1, false),
        ("http://127.0.0.1:9/oidc/2", Generation::OneloginV2, false),
        ("https://accounts.example.com", Generation::Other, false),
    ] {
        let issuer = Issuer::parse(issuer).unwrap();
        assert_eq!((issuer.generation(), issuer.is_retired()), (generation, retired), "{issuer}");
    }
}

#[test]
fn h15_endpoints_that_may_not_be_used() {
    let public = Issuer::parse("https://a.example/oidc/2").unwrap();
    let local = Issuer::parse("http://127.0.0.1:8000/oidc/2").unwrap();
    let check = |issuer: &Issuer, url: &str| issuer.check_endpoint(&Url::parse(url).unwrap());
    assert_eq!(check(&public, "https://a.example/token"), Ok(EndpointPlace::Same));
    assert_eq!(check(&public, "https://b.example/token"), Ok(EndpointPlace::OtherHost));
    assert_eq!(check(&public, "https://a.example:8443/token"), Ok(EndpointPlace::OtherHost));
    assert_eq!(check(&local, "http://127.0.0.1:8000/token"), Ok(EndpointPlace::Same));
    assert_eq!(check(&local, "http://localhost:8000/token"), Ok(EndpointPlace::OtherHost));
    for bad in [
        "http://a.example/token",
        "https://10.0.0.1/token",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/",
        "http://127.0.0.1/",
        "https://localhost/",
        "https://u:p@a.example/",
        "https://a.example/#x",
        "ftp://a.example/",
        "https://100.64.0.1/",
        "file:///etc/passwd",
    ] {
        assert!(check(&public, bad).is_err(), "{bad} was taken");
    }
    assert!(check(&local, "http://a.example/token").is_err());
}

#[test]
fn the_differing_character_is_shown() {
    assert_eq!(difference("https://a/2", "https://a/2"), None);
    assert!(difference("https://a/2", "https://a/2/").unwrap().contains("slash at the end"));
    assert!(difference("https://a/2/", "https://a/2").unwrap().contains("missing"));
    assert_eq!(
        difference("https://A/2", "https://a/2").unwrap(),
        "capital and small letters differ from character 9: expected “A”, received “a”"
    );
    assert_eq!(
        difference("https://acme.example", "https://аcme.example").unwrap(),
        "they differ from character 9: expected “a”, received “а” (U+0430)"
    );
    assert_eq!(
        difference("https://a/2", "https://a/2\u{200b}").unwrap(),
        "they differ from character 12: expected its end, received “\\u{200b}”"
    );
    // A letter that shows nothing.
    assert!(difference("https://a/2", "https://a/\u{3164}").unwrap().ends_with("received “\\u{3164}”"));
    assert_eq!(
        difference("https://a/2", "https://a/3").unwrap(),
        "they differ from character 11: expected “2”, received “3”"
    );
}

#[test]
fn h26_a_password_in_what_was_typed_is_not_repeated() {
    for typed in [
        "https://zoe:hunter2@a.example/oidc",
        "http://zoe:hunter2@a.example/oidc",
        "https://zoe:hunter2@a.example:port/",
        "https://zoe:hunt@er2@a.example",
        "zoe:hunter2@a.example",
        "hunter2@a.example",
    ] {
        let as_issuer = Issuer::parse(typed).unwrap_err();
        // Of a whole URL the host alone is taken.
        for problem in [as_issuer].into_iter().chain(Issuer::onelogin(typed).err()) {
            let said = format!("{} {}", problem.explanation, problem.remedy);
            assert!(!said.contains("hunter2") && !said.contains("er2"), "{typed}: {said}");
        }
    }
    let problem = Issuer::parse("https://a.example/@zoe?x").unwrap_err();
    assert!(problem.explanation.contains("https://a.example/@zoe?x"), "{}", problem.explanation);
}

#[test]
fn h21_an_issuer_has_no_character_that_cannot_be_seen() {
    for hidden in ["\u{202e}", "\u{200b}", "\u{3164}"] {
        let problem = Issuer::parse(&format!("https://a.example/{hidden}oidc")).unwrap_err();
        assert!(problem.explanation.contains("cannot be seen"), "{}", problem.explanation);
        assert!(!problem.explanation.contains(hidden));
    }
    assert!(Issuer::parse("https://a.example/ümläut").is_ok());
}
