//! A tenant beside the window, for what the demo tenant does not do.

use latchkey_simulator::{Client, ClientRole, Faults, Options, Simulator};

pub(crate) async fn tenant(faults: Faults) -> Simulator {
    Simulator::start(Options { faults, ..Options::default() }).await.unwrap()
}

pub(crate) fn client(simulator: &Simulator, role: ClientRole) -> &Client {
    simulator.client(role).unwrap()
}
