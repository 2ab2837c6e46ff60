//! The claims view with 5,000 groups: the time until it is painted, and the longest frame while they are scrolled.
//!
//! Measured by the page's own clock, which ticks in milliseconds, between frames that come every 16.7 ms.

use std::path::Path;

use serde_json::{Value, json};

use crate::Failure;
use crate::display::Display;
use crate::driver::Driver;
use crate::report::{Line, ROUNDS, Series};

/// Three frames. What takes longer is seen as a jerk.
const BOUND: f64 = 50.0;

/// Signs in as a person of the demo tenant, opens the claims, and then the groups where they are a count.
const OPEN: &str = "
    (await seen(hook('tab-signin'))).click();
    (await seen(hook(`demo-user-${given.username}`))).click();
    await frame();
    (await seen(hook('si-submit'))).click();
    await seen(hook('verdict'), given.name);
    // What is fetched after a run has come when nothing changes any more.
    for (let still = 0, before = ''; still < 20; await frame()) {
        const now = document.body.textContent;
        still = now === before ? still + 1 : 0;
        before = now;
    }
    await frame();
    let began = performance.now();
    find(hook('tab-claims')).click();
    const groups = await seen(hook('claim-groups'), given.shown);
    await frame();
    const painted = performance.now() - began;
    const open = groups.querySelector('button.open');
    if (open === null) return {painted};
    began = performance.now();
    open.click();
    await seen(hook('claim-groups'), 'Group 0001');
    await frame();
    return {painted, opened: performance.now() - began};";

/// From the first row to the last, more than a screen of rows with each frame.
const SCROLL: &str = "
    const box = await seen(given.box);
    box.scrollTop = 0;
    await frame();
    let longest = 0;
    let before = await frame();
    const step = (box.scrollHeight - box.clientHeight) / given.frames;
    for (let turn = 1; turn <= given.frames; turn += 1) {
        box.scrollTop = step * turn;
        const now = await frame();
        longest = Math.max(longest, now - before);
        before = now;
    }
    await seen(given.box, 'Group 5000');
    return longest;";

/// The same groups as a plain list, painted over everything else.
const PLAIN: &str = "
    await frame();
    const began = performance.now();
    const box = document.createElement('div');
    box.id = 'plain';
    box.style.cssText = 'position:fixed;inset:0;overflow:auto;background:canvas;color:canvastext;font:13px/22px monospace';
    const list = document.createElement('ul');
    for (let number = 1; number <= 5000; number += 1) {
        const row = document.createElement('li');
        row.textContent = `Group ${String(number).padStart(4, '0')}`;
        list.append(row);
    }
    box.append(list);
    document.body.append(box);
    await frame();
    await frame();
    return performance.now() - began;";

const FRAMES: u32 = 300;

pub(crate) async fn measure(latchkey: &Path) -> Result<Vec<Line>, Failure> {
    let display = Display::open()?;
    let window = Driver::open(&display, latchkey, &["--demo"]).await?;
    let (mut many, mut few, mut opened) = (Vec::new(), Vec::new(), Vec::new());
    let (mut plain, mut frame, mut plain_frame) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let peggy = json!({"username": "peggy.sue", "name": "Peggy Sue", "shown": ""});
        let peggy = number(&window.run(OPEN, peggy).await?, "painted")?;
        let greta = json!({"username": "greta.groups", "name": "Greta Groups", "shown": "5,000 values"});
        let greta = window.run(OPEN, greta).await?;
        let longest = scroll(&window, "[data-testid=claim-groups] [role=region]").await?;
        let plain_ms = window.run(PLAIN, json!({})).await?.as_f64().ok_or("no time from the window")?;
        let plain_longest = scroll(&window, "#plain").await?;
        window.run("find('#plain').remove();", json!({})).await?;
        if round > 0 {
            few.push(peggy);
            many.push(number(&greta, "painted")?);
            opened.push(number(&greta, "opened")?);
            plain.push(plain_ms);
            frame.push(longest);
            plain_frame.push(plain_longest);
        }
    }
    let list = |values: &[f64]| Series::new("all of them as a plain list", values.to_vec());
    Ok(vec![
        Line::most("claims view with 5,000 groups, painted", "ms", many, BOUND)
            .floor(Series::new("the view of a person with few", few))
            .beside(list(&plain)),
        Line::most("5,000 groups opened, painted", "ms", opened, BOUND).beside(list(&plain)),
        Line::most("longest frame while 5,000 groups are scrolled", "ms", frame, BOUND)
            .beside(list(&plain_frame)),
    ])
}

async fn scroll(window: &Driver, css: &str) -> Result<f64, Failure> {
    let longest = window.run(SCROLL, json!({"box": css, "frames": FRAMES})).await?;
    longest.as_f64().ok_or_else(|| "no time from the window".into())
}

fn number(value: &Value, name: &str) -> Result<f64, Failure> {
    value[name].as_f64().ok_or_else(|| format!("no `{name}` from the window: {value}").into())
}
