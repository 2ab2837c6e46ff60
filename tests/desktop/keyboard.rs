//! Everything without the mouse.

use support::desktop::{Setup, desktop, hook};
use thirtyfour::Key;

#[tokio::test]
async fn a_whole_sign_in_without_the_mouse() {
    desktop(Setup::first_start(), async |window| {
        window.tab_to("door-demo").await;
        window.keys(Key::Enter.value().to_string()).await;
        window.hook("si-username").await;
        window.tab_to("si-username").await;
        window.control('a').await;
        window.keys("sally").await;
        window.tab_to("si-password").await;
        window.keys("demo-sally").await;
        window.control(Key::Enter.value()).await;
        window.reads(&hook("verdict"), "Signed in as Sally Tyler").await;
        window.reads(&hook("announcement"), "Signed in as Sally Tyler").await;
    })
    .await;
}

#[tokio::test]
async fn control_and_a_digit_a_letter_or_enter_lead_to_tabs_a_new_connection_the_filter_and_the_main_action()
{
    desktop(Setup::demo(), async |window| {
        window.hook("si-username").await;
        window.click("demo-user-peggy.sue").await;
        window.control(Key::Enter.value()).await;
        window.reads(&hook("verdict"), "Signed in as Peggy Sue").await;
        for (digit, tab) in
            [('2', "session"), ('3', "claims"), ('4', "provider"), ('5', "traffic"), ('1', "signin")]
        {
            window.control(digit).await;
            window.see(&format!("#tab-{tab}[aria-selected=true]")).await;
        }
        for tab in ['3', '4'] {
            window.control(tab).await;
            window.see("input[data-filter]").await;
            window.control('f').await;
            window.see("input[data-filter]:focus").await;
        }
        window.control('2').await;
        window.hook("refresh-submit").await;
        window.control(Key::Enter.value()).await;
        window.reads("main", "Refreshed for Peggy Sue").await;
        window.control('n').await;
        window.hook("nc-name").await;
        assert_eq!(window.focused().await, "nc-name");
    })
    .await;
}
