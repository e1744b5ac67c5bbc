//! Two dozen customers with names and drawn faces.

use identity::customer::demo::{DemoCustomer, FACE, ensure_all};
use kernel::days;

use platform::Op;

use super::Customers;

/// Names as people choose them.
const NICKNAMES: [&str; 24] = [
    "小满",
    "阿橘",
    "青山不改",
    "Luna🌙",
    "老茶客",
    "豆豆妈",
    "一只柠檬",
    "江南雨",
    "大壮",
    "Momo",
    "半糖去冰",
    "云朵",
    "北城以北",
    "Kevin",
    "团团",
    "麦兜",
    "夏天的风",
    "Coco姐",
    "阿福",
    "桃之夭夭",
    "石头",
    "Vivi",
    "南瓜车",
    "早睡早起",
];

/// Backgrounds and hair, soft and warm.
const SKIES: [&str; 8] = ["#ffd9c7", "#cfe8ff", "#d8f0d2", "#ffe9a8", "#e5d8ff", "#ffd1e0", "#c9f0ec", "#f3e2cf"];
const HAIRS: [&str; 6] = ["#2f2622", "#5b3a29", "#7a4a2b", "#3b3b4f", "#a3623a", "#1f2d3d"];
const SHIRTS: [&str; 7] = ["#e4573d", "#2f80ed", "#27ae60", "#f2a33a", "#9b51e0", "#eb5f9c", "#3aa6a0"];

/// Makes them, or finds those made before.
pub(super) async fn seed(op: &Op) -> anyhow::Result<Customers> {
    let mut new = Vec::with_capacity(NICKNAMES.len());
    for (n, nickname) in (0_u64..).zip(NICKNAMES) {
        let key = format!("demo/faces/{n:02}.svg");
        op.platform.storage.put(&key, face(usize::try_from(n).unwrap_or(0)).into_bytes()).await?;
        new.push(DemoCustomer {
            handle: format!("{FACE}{n:02}"),
            nickname: nickname.to_owned(),
            avatar_url: Some(op.platform.storage.url(&key)),
            phone: None,
            registered_at: op.now() - days(30 - n),
        });
    }
    Ok(ensure_all(op, new).await?)
}

/// A face of circles: background, shoulders, head, hair, eyes, a smile.
fn face(n: usize) -> String {
    let (sky, hair, shirt) = (SKIES[n % SKIES.len()], HAIRS[n * 5 % HAIRS.len()], SHIRTS[n * 3 % SHIRTS.len()]);
    let skin = ["#ffe0c8", "#f6c9a5", "#e7b48a"][n % 3];
    let fringe = match n % 4 {
        0 => format!(r#"<path d="M26 50c0-22 12-32 24-32s24 10 24 32c-4-12-12-18-24-18s-20 6-24 18z" fill="{hair}"/>"#),
        1 => format!(r#"<path d="M24 62c-4-30 8-46 26-46s30 16 26 46l-6 8c2-22-6-32-20-34-14 2-22 12-20 34z" fill="{hair}"/>"#),
        2 => format!(
            r#"<circle cx="50" cy="18" r="9" fill="{hair}"/><path d="M27 48c0-20 11-28 23-28s23 8 23 28c-10-10-36-10-46 0z" fill="{hair}"/>"#
        ),
        _ => format!(r#"<path d="M27 46c2-22 14-28 24-27 12 0 22 8 22 27-6-6-12-12-20-12-2 6-16 8-26 12z" fill="{hair}"/>"#),
    };
    let glasses = if n % 5 == 2 {
        r##"<g fill="none" stroke="#3b3b4f" stroke-width="2"><circle cx="42" cy="50" r="6"/><circle cx="58" cy="50" r="6"/><path d="M48 50h4"/></g>"##
    } else {
        ""
    };
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" role="img"><rect width="100" height="100" fill="{sky}"/><path d="M14 100c2-20 18-28 36-28s34 8 36 28z" fill="{shirt}"/><rect x="43" y="62" width="14" height="16" rx="7" fill="{skin}"/><circle cx="50" cy="48" r="23" fill="{skin}"/>{fringe}<circle cx="42" cy="50" r="2.4" fill="#2f2622"/><circle cx="58" cy="50" r="2.4" fill="#2f2622"/>{glasses}<path d="M43 58c4 5 10 5 14 0" fill="none" stroke="#b5533c" stroke-width="2.4" stroke-linecap="round"/><circle cx="37" cy="56" r="3" fill="#f3a28a" opacity=".6"/><circle cx="63" cy="56" r="3" fill="#f3a28a" opacity=".6"/></svg>"##
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_face_is_a_drawing_of_its_own() {
        let faces: std::collections::BTreeSet<String> = (0..NICKNAMES.len()).map(face).collect();
        assert_eq!(faces.len(), NICKNAMES.len());
        assert!(faces.iter().all(|face| face.starts_with("<svg ") && face.ends_with("</svg>")));
    }
}
