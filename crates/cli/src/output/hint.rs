//! What a remedy means on the command line: the option for what the window has a button or a setting for.

use latchkey_oidc::{Fix, Problem, ProblemKind};

/// Adds the option to the remedy. `saved`: a saved connection was used, so client options are not to be had.
pub(crate) fn with_option(mut problem: Problem, saved: bool) -> Problem {
    let hint = match (&problem.fix, problem.kind) {
        (Some(Fix::ConfirmHost { host }), _) => Some(format!("Here: --confirm-host {host}")),
        (Some(Fix::UseAuthMethod { method }), _) if !saved => {
            let name = match method {
                latchkey_oidc::client_auth::AuthMethod::Basic => "basic",
                latchkey_oidc::client_auth::AuthMethod::Post => "post",
                latchkey_oidc::client_auth::AuthMethod::None => "none",
            };
            Some(format!("Here: --auth-method {name}"))
        }
        (Some(Fix::UseIssuer { issuer }), _) if !saved => Some(format!("Here: --issuer {issuer}")),
        (_, ProblemKind::TlsUnknownIssuer) => Some("Here: --ca-file PATH".to_owned()),
        _ => None,
    };
    if let Some(hint) = hint {
        let gap = if problem.remedy.is_empty() { "" } else { " " };
        problem.remedy.push_str(&format!("{gap}{hint}"));
    }
    problem
}

#[cfg(test)]
mod tests {
    use super::*;
    use latchkey_oidc::client_auth::AuthMethod;

    #[test]
    fn a_remedy_names_the_option_that_stands_for_a_button() {
        let problem = |fix| Problem::new(ProblemKind::OauthError, "e", "Do this.").with_fix(fix);
        let host = Fix::ConfirmHost { host: "login.example:8443".into() };
        let method = Fix::UseAuthMethod { method: AuthMethod::Post };
        let cases = [
            (host.clone(), false, "Do this. Here: --confirm-host login.example:8443"),
            (host, true, "Do this. Here: --confirm-host login.example:8443"),
            (method.clone(), false, "Do this. Here: --auth-method post"),
            (method, true, "Do this."),
            (Fix::AddScope { scope: "openid".into() }, false, "Do this."),
        ];
        for (fix, saved, remedy) in cases {
            assert_eq!(with_option(problem(fix), saved).remedy, remedy);
        }
    }
}
