//! A password sign-in beside the round trips it cannot do without, with and without latency.

use serde_json::json;

use crate::Failure;
use crate::floor::Floor;
use crate::peers::{Node, curl};
use crate::report::{Line, ROUNDS, Series};
use crate::tenant::{SCOPE, Tenant};

const BOUND: f64 = 1.10;

/// Without latency a sign-in takes little longer than a turn of the scheduler: each round is the mean of so many.
const REPEATED: usize = 20;

/// The values of one latency, known and unknown in that order.
#[derive(Default)]
struct Values {
    ours: [Vec<f64>; 2],
    floor: [Vec<f64>; 2],
    node: [Vec<f64>; 2],
    curl: Vec<f64>,
}

pub(crate) async fn measure(node: &mut Node) -> Result<Vec<Line>, Failure> {
    let tenant = Tenant::start().await?;
    node.ask("begin", tenant.for_node())?;
    let mut lines = Vec::new();
    for latency in [0, 50] {
        tenant.latency(latency);
        let values = at_latency(&tenant, node, latency).await?;
        lines.extend(told(values, latency));
    }
    tenant.simulator.stop().await;
    Ok(lines)
}

async fn at_latency(tenant: &Tenant, node: &mut Node, latency: u64) -> Result<Values, Failure> {
    let mut values = Values::default();
    let times = if latency == 0 { REPEATED } else { 1 };
    // At 50 ms the key set costs nothing beside the tokens. Without latency every request counts, so the floor
    // sends it as well.
    let with_keys = latency == 0;
    let access_token = Floor::connected(tenant).await?.access_token().await?;
    for round in 0..=ROUNDS {
        let mut sums = [[0.0; 2]; 3];
        for repetition in 0..times {
            // Whoever comes after another program finds the processor's caches full of that: by turns.
            let ours_first = (round + repetition) % 2 == 0;
            for ours in [ours_first, !ours_first] {
                if ours {
                    let client = tenant.client()?;
                    sums[0][1] += tenant.sign_in(&client).await?;
                    // The provider is known now, and its connections are open.
                    sums[0][0] += tenant.sign_in(&client).await?;
                } else {
                    let unconnected = Floor::unconnected(tenant)?;
                    sums[1][1] += unconnected.password(true, with_keys).await?;
                    sums[1][0] += unconnected.password(false, with_keys).await?;
                }
            }
            for (index, unknown) in [false, true].into_iter().enumerate() {
                sums[2][index] += node.time("sign_in", json!({"known": !unknown}))?;
            }
        }
        let curl = curl(&four_requests(tenant, &access_token))?;
        // In the first round programs and connections are warmed up.
        if round == 0 {
            continue;
        }
        let push = |series: &mut [Vec<f64>; 2], sums: [f64; 2]| {
            series.iter_mut().zip(sums).for_each(|(values, sum)| values.push(sum / times as f64));
        };
        push(&mut values.ours, sums[0]);
        push(&mut values.floor, sums[1]);
        push(&mut values.node, sums[2]);
        values.curl.push(curl);
    }
    Ok(values)
}

fn told(values: Values, latency: u64) -> Vec<Line> {
    let Values { ours, floor, node, curl } = values;
    let names = [("known", "two"), ("unknown", "three")];
    names
        .into_iter()
        .zip(ours.into_iter().zip(floor).zip(node))
        .map(|((provider, round_trips), ((ours, floor), node))| {
            let floor_name = match latency {
                0 => "a bare client's same requests".to_owned(),
                _ => format!("{round_trips} round trips"),
            };
            let name = format!("password sign-in, provider {provider}, {latency} ms latency");
            Line::ratio(name, "ms", ours, Series::new(floor_name, floor), BOUND)
                .beside(Series::new("curl, one start, four requests", curl.clone()))
                .beside(Series::new("openid-client", node))
        })
        .collect()
}

/// Discovery, key set, tokens and UserInfo, as arguments of curl.
fn four_requests(tenant: &Tenant, access_token: &str) -> [Vec<String>; 4] {
    let issuer = &tenant.connection.issuer;
    let user = format!("{}:{}", tenant.connection.client_id, tenant.secret.expose());
    let mut token = vec![format!("{issuer}/token"), "--user".to_owned(), user];
    let fields = [
        ("grant_type", "password"),
        ("username", tenant.username.as_str()),
        ("password", tenant.password.expose()),
        ("scope", SCOPE),
    ];
    for (name, value) in fields {
        token.extend(["--data-urlencode".to_owned(), format!("{name}={value}")]);
    }
    [
        vec![format!("{issuer}/.well-known/openid-configuration")],
        vec![format!("{issuer}/certs")],
        token,
        vec![format!("{issuer}/me"), "--header".to_owned(), format!("Authorization: Bearer {access_token}")],
    ]
}
