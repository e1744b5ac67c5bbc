//! Addresses as people really paste them, and books as people keep them.

use kernel::{Actor, AddressId, CustomerId, SessionId};
use platform::Op;
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    parse::{Parsed, parse},
    regions::{self, Level, Region},
    rules::{MOST, Words},
    service::{self, SaveAddress},
};
use crate::{
    customer::service::{SignInByWeChat, sign_in_by_wechat},
    tests::mall::{Acting, Mall, refusal},
};

#[test]
fn the_official_list_is_whole() {
    let all = regions::get();
    assert_eq!(all.provinces().count(), 34);
    let name = |code: &str| all.by_code(code).map(Region::full_name);
    assert_eq!(name("330106").as_deref(), Some("浙江省杭州市西湖区"));
    assert_eq!(name("330106011").as_deref(), Some("浙江省杭州市西湖区蒋村街道"));
    assert_eq!(name("110105").as_deref(), Some("北京市朝阳区"));
    assert_eq!(name("419001").as_deref(), Some("河南省济源市"));
    assert_eq!(name("320000").as_deref(), Some("江苏省"));
    assert_eq!(name("4419").as_deref(), Some("广东省东莞市"));
    assert_eq!(name("999999"), None);
    assert_eq!(name("33010x"), None);
    // Every code names its region, and every region lies in one whose code its own begins with.
    let mut seen = 0;
    let mut left: Vec<Region<'_>> = all.provinces().collect();
    while let Some(region) = left.pop() {
        seen += 1;
        assert_eq!(all.by_code(&region.code()), Some(region));
        assert!(!region.name().is_empty() && region.name().chars().all(|c| !c.is_ascii_digit()), "{region:?}");
        if let Some(parent) = region.parent() {
            assert!(region.code().starts_with(&parent.code()), "{region:?}");
        }
        left.extend(region.parts());
    }
    assert!(seen > 44_000, "only {seen} regions");
}

/// Recipient, phone, region, street.
fn read(text: &str) -> (String, String, String, String) {
    let Parsed { recipient, phone, region, street, .. } = parse(text);
    (recipient.unwrap_or_default(), phone.unwrap_or_default(), region.unwrap_or_default(), street.unwrap_or_default())
}

#[test]
fn what_people_paste_is_read() {
    let wang = ("王小明", "13800138000");
    let cases: &[(&str, (&str, &str), &str, &str)] = &[
        ("王小明 13800138000 浙江省杭州市西湖区蒋村街道文三路1号", wang, "浙江省杭州市西湖区蒋村街道", "文三路1号"),
        ("王小明，13800138000，浙江省杭州市西湖区文三路 1 号 3 幢 201 室", wang, "浙江省杭州市西湖区", "文三路 1 号 3 幢 201 室"),
        ("浙江省杭州市西湖区文三路1号 王小明 13800138000", wang, "浙江省杭州市西湖区", "文三路1号"),
        ("浙江省杭州市西湖区文三路1号,13800138000,王小明", wang, "浙江省杭州市西湖区", "文三路1号"),
        ("13800138000王小明浙江杭州西湖区文三路1号", wang, "浙江省杭州市西湖区", "文三路1号"),
        ("王小明13800138000浙江省杭州市西湖区文三路1号", wang, "浙江省杭州市西湖区", "文三路1号"),
        (
            "收货人：王小明\n手机号码：13800138000\n所在地区：浙江省杭州市西湖区蒋村街道\n详细地址：文三路1号",
            wang,
            "浙江省杭州市西湖区蒋村街道",
            "文三路1号",
        ),
        ("收件人: 王小明 联系电话: 138-0013-8000 收货地址: 浙江省 杭州市 西湖区 文三路1号", wang, "浙江省杭州市西湖区", "文三路1号"),
        ("姓名：王小明；电话：+86 138 0013 8000；地址：浙江省杭州市西湖区文三路1号", wang, "浙江省杭州市西湖区", "文三路1号"),
        ("王小明\t８６－１３８００１３８０００\t浙江省　杭州市　西湖区\t文三路1号", wang, "浙江省杭州市西湖区", "文三路1号"),
        ("王小明, 13800138000, 浙江, 杭州, 西湖区, 文三路1号, 310012", wang, "浙江省杭州市西湖区", "文三路1号"),
        ("王小明 (0086)13800138000 杭州市西湖区文三路1号", wang, "浙江省杭州市西湖区", "文三路1号"),
        ("王小明 13800138000 北京市朝阳区建国路88号现代城", wang, "北京市朝阳区", "建国路88号现代城"),
        ("王小明 13800138000 北京北京市朝阳区建国路88号", wang, "北京市朝阳区", "建国路88号"),
        ("王小明 13800138000 上海市市辖区徐汇区漕溪北路100弄", wang, "上海市徐汇区", "漕溪北路100弄"),
        ("王小明 13800138000 上海浦东新区世纪大道1号", wang, "上海市浦东新区", "世纪大道1号"),
        ("王小明 13800138000 重庆市渝北区龙溪街道红锦大道1号", wang, "重庆市渝北区龙溪街道", "红锦大道1号"),
        ("王小明 13800138000 江苏昆山玉山镇人民路1号", wang, "江苏省苏州市昆山市玉山镇", "人民路1号"),
        ("王小明 13800138000 江苏省苏州市昆山市玉山镇人民路1号", wang, "江苏省苏州市昆山市玉山镇", "人民路1号"),
        ("王小明 13800138000 湖北省恩施土家族苗族自治州恩施市舞阳坝街道1号", wang, "湖北省恩施土家族苗族自治州恩施市舞阳坝街道", "1号"),
        ("王小明 13800138000 湖北恩施州恩施市东风大道5号", wang, "湖北省恩施土家族苗族自治州恩施市", "东风大道5号"),
        ("王小明 13800138000 广西壮族自治区南宁市青秀区民族大道1号", wang, "广西壮族自治区南宁市青秀区", "民族大道1号"),
        ("王小明 13800138000 广西南宁青秀区民族大道1号", wang, "广西壮族自治区南宁市青秀区", "民族大道1号"),
        ("王小明 13800138000 新疆乌鲁木齐市天山区光明路1号", wang, "新疆维吾尔自治区乌鲁木齐市天山区", "光明路1号"),
        ("王小明 13800138000 内蒙古呼和浩特市赛罕区大学东街1号", wang, "内蒙古自治区呼和浩特市赛罕区", "大学东街1号"),
        ("王小明 13800138000 广东省东莞市长安镇振安路1号", wang, "广东省东莞市", "长安镇振安路1号"),
        ("王小明 13800138000 湖北省仙桃市干河街道仙桃大道1号", wang, "湖北省仙桃市干河街道", "仙桃大道1号"),
        ("王小明 13800138000 河南省济源市沁园街道黄河路1号", wang, "河南省济源市沁园街道", "黄河路1号"),
        ("王小明 13800138000 海南省海口市美兰区国兴大道1号", wang, "海南省海口市美兰区", "国兴大道1号"),
        ("王小明 13800138000 香港特别行政区湾仔区轩尼诗道1号", wang, "香港特别行政区湾仔区", "轩尼诗道1号"),
        ("王小明 13800138000 台湾省台北市信义路五段7号", wang, "台湾省", "台北市信义路五段7号"),
        ("王小明 13800138000 陕西省西安市雁塔区电子城街道办事处科技路1号", wang, "陕西省西安市雁塔区电子城街道", "科技路1号"),
        ("张三丰 0571-87654321 浙江省杭州市上城区解放路1号", ("张三丰", "0571-87654321"), "浙江省杭州市上城区", "解放路1号"),
        ("张三丰 (010)87654321 北京市东城区王府井大街1号", ("张三丰", "010-87654321"), "北京市东城区", "王府井大街1号"),
        ("张三丰 13800138000转1234 浙江省杭州市上城区解放路1号", ("张三丰", "13800138000-1234"), "浙江省杭州市上城区", "解放路1号"),
        ("张三丰[1234] 15912345678-1234 浙江省杭州市上城区解放路1号", ("", "15912345678-1234"), "浙江省杭州市上城区", "解放路1号"),
        (
            "阿依古丽·买买提 13800138000 新疆喀什地区喀什市人民东路1号",
            ("阿依古丽·买买提", "13800138000"),
            "新疆维吾尔自治区喀什地区喀什市",
            "人民东路1号",
        ),
        ("Anna 13800138000 上海市静安区南京西路1号", ("Anna", "13800138000"), "上海市静安区", "南京西路1号"),
        ("王小明(女士) 13800138000 上海市静安区南京西路1号", ("王小明(女士)", "13800138000"), "上海市静安区", "南京西路1号"),
        ("上海市静安区南京西路1号", ("", ""), "上海市静安区", "南京西路1号"),
        ("王小明 13800138000", wang, "", ""),
        ("浙江省杭州市", ("", ""), "浙江省杭州市", ""),
        ("", ("", ""), "", ""),
        // Two districts of the same name: nobody knows which.
        ("王小明 13800138000 西湖区文三路1号", wang, "", "西湖区文三路1号"),
        // A street named after a city is a street.
        ("王小明 13800138000 上海市黄浦区南京东路100号", wang, "上海市黄浦区", "南京东路100号"),
        ("王小明 13800138000 山东省青岛市市南区香港中路1号", wang, "山东省青岛市市南区", "香港中路1号"),
    ];
    let mut wrong = Vec::new();
    for (text, (name, phone), region, street) in cases {
        let expected = ((*name).to_owned(), (*phone).to_owned(), (*region).to_owned(), (*street).to_owned());
        let got = read(text);
        if got != expected && !(name.is_empty() && (got.1.as_str(), got.2.as_str(), got.3.as_str()) == (*phone, *region, *street)) {
            wrong.push(format!("{text}\n  read {got:?}\n  not  {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn codes_are_found_by_names() {
    let code = |text: &str| regions::get().code_of(text);
    assert_eq!(code("浙江省 杭州市 西湖区").as_deref(), Some("330106"));
    assert_eq!(code("浙江/杭州/西湖区").as_deref(), Some("330106"));
    assert_eq!(code("北京市").as_deref(), Some("11"));
    assert_eq!(code("Atlantis"), None);
    assert_eq!(parse("王小明, 13800138000, 浙江, 杭州, 西湖区, 文三路1号, 310012").postal_code.as_deref(), Some("310012"));
}

/// A way down the official list, by dice.
fn somewhere(dice: &[u16]) -> Region<'static> {
    let mut at = regions::get().provinces().nth(usize::from(dice[0]) % 34).expect("34 provinces");
    for die in &dice[1..] {
        let parts: Vec<_> = at.parts().collect();
        if parts.is_empty() {
            break;
        }
        at = parts[usize::from(*die) % parts.len()];
    }
    at
}

/// Whether nothing beside it is called the same; the list still names some districts that were merged into their
/// namesakes, as 三元区 in 三明市.
fn unmistakable(region: Region<'_>) -> bool {
    let namesakes = |pair: &[Region<'_>]| pair[0].parts().filter(|part| part.name() == pair[1].name()).count();
    region.path().windows(2).all(|pair| namesakes(pair) == 1)
}

proptest! {
    #[test]
    fn a_whole_name_is_read_back_wherever_it_is(dice in prop::collection::vec(any::<u16>(), 4), shape in 0..4_usize, house in 1..999_u16) {
        let region = somewhere(&dice);
        // A few development zones carry brackets in their names, which people leave out.
        prop_assume!(unmistakable(region) && !region.full_name().contains(['（', '(', '、']));
        let (name, phone, street) = ("欧阳锋", "13912345678", format!("测试路{house}号"));
        let place = region.full_name();
        let text = match shape {
            0 => format!("{name} {phone} {place}{street}"),
            1 => format!("{place} {street}\n{name}，{phone}"),
            2 => format!("收货人：{name} 手机：{phone} 地址：{place}{street}"),
            _ => format!("{name},{phone},{},{street}", region.path().iter().map(|part| part.name()).filter(|name| *name != "市辖区").collect::<Vec<_>>().join(" ")),
        };
        let parsed = parse(&text);
        prop_assert_eq!(parsed.phone.as_deref(), Some(phone));
        prop_assert_eq!(parsed.recipient.as_deref(), Some(name), "{}", text);
        prop_assert_eq!(parsed.region.as_deref(), Some(place.as_str()), "{}", text);
        prop_assert_eq!(parsed.street.as_deref(), Some(street.as_str()), "{}", text);
        prop_assert!(parsed.region_code.is_some());
        if region.level() < Level::Street {
            prop_assert!(region.code().starts_with(parsed.region_code.as_deref().unwrap_or_default()) || parsed.region_code.as_deref().is_some_and(|code| code.starts_with(&region.code())));
        }
    }

    #[test]
    fn any_text_is_read_without_harm(text in "\\PC{0,80}") {
        let _ = parse(&text);
    }

    #[test]
    fn any_mixture_of_the_pieces_is_read_without_harm(pieces in prop::collection::vec(
        prop::sample::select(vec!["浙江", "杭州市", "西湖区", "13800138000", "收货人：", "转", "-", " ", "\n", "（", "+86", "0571", "88886666", "王", "号", "市辖区", "省"]), 0..30,
    )) {
        let _ = parse(&pieces.concat());
    }
}

fn by(mall: &Mall, n: u128) -> Op {
    let id = CustomerId(Uuid::from_u128(n));
    mall.nobody().acting(Actor::Customer { id, session: SessionId(Uuid::from_u128(n)) })
}

fn home(id: Option<AddressId>, street: &str, is_default: bool) -> SaveAddress {
    let words = Words {
        recipient: "王小明".into(),
        phone: "13800138000".into(),
        region: "浙江省杭州市西湖区".into(),
        street: street.into(),
        label: Some("家".into()),
    };
    SaveAddress { id, words, region_code: None, is_default }
}

#[tokio::test]
async fn a_book_has_one_default_and_is_its_owners_alone() {
    let mall = Mall::open().await;
    let (ann, bob) = (by(&mall, 1), by(&mall, 2));
    let first = service::save(&ann, home(None, "文三路 1 号", false)).await.expect("is kept");
    assert!(first.is_default, "the first is");
    assert_eq!(first.region_code.as_deref(), Some("330106"));
    let second = service::save(&ann, home(None, "龙井路 2 号", true)).await.expect("is kept");
    let defaults = async || service::list(&ann).await.expect("reads").iter().map(|entry| (entry.id, entry.is_default)).collect::<Vec<_>>();
    assert_eq!(defaults().await, [(second.id, true), (first.id, false)]);
    let changed = service::save(&ann, home(Some(first.id), "文三路 3 号", false)).await.expect("is changed");
    assert_eq!((changed.street.as_str(), changed.is_default), ("文三路 3 号", false));
    assert_eq!(refusal(service::save(&bob, home(Some(first.id), "mine now", false)).await), "ADDRESS_NOT_FOUND");
    assert_eq!(service::get(&bob, first.id).await.expect("reads"), None);
    service::remove(&bob, second.id).await.expect("nothing of theirs");
    service::remove(&ann, second.id).await.expect("is gone");
    service::remove(&ann, second.id).await.expect("is gone already");
    assert_eq!(defaults().await, [(first.id, true)]);
    assert_eq!(service::default_of(&ann).await.expect("reads").map(|entry| entry.id), Some(first.id));
    let wrong = SaveAddress { region_code: Some("999999".into()), ..home(None, "x", false) };
    assert_eq!(refusal(service::save(&ann, wrong).await), "ADDRESS_REGION_INVALID");
    assert_eq!(refusal(service::save(&ann, home(None, " ", false)).await), "ADDRESS_STREET_INVALID");
}

#[tokio::test]
async fn nobody_reads_an_address_in_the_database() {
    use entity::identity::customer_address;
    use sea_orm::EntityTrait;
    let mall = Mall::open().await;
    let ann = by(&mall, 1);
    service::save(&ann, home(None, "文三路 1 号", false)).await.expect("is kept");
    let row = customer_address::Entity::find().one(ann.reader()).await.expect("reads").expect("is there");
    assert!(!row.sealed.contains("文三路") && !row.sealed.contains("13800138000"));
    assert_eq!(row.region_code.as_deref(), Some("330106"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_book_is_full_at_fifty_and_has_one_default_however_many_save_at_once() {
    let mall = Mall::open().await;
    // The lock of a book is its customer's row.
    let code = SignInByWeChat { code: "a/ann".into(), device: None };
    let ann = sign_in_by_wechat(&mall.nobody(), code).await.expect("signs in").1.id;
    let signed_in = mall.nobody().acting(Actor::Customer { id: ann, session: SessionId(Uuid::from_u128(1)) });
    let saves: Vec<_> = (0..60)
        .map(|n| {
            let ann = signed_in.clone();
            tokio::spawn(async move { service::save(&ann, home(None, &format!("文三路 {n} 号"), n % 7 == 0)).await })
        })
        .collect();
    let mut kept = 0;
    for save in saves {
        match save.await.expect("no panic") {
            Ok(_) => kept += 1,
            other => assert_eq!(refusal(other), "ADDRESS_TOO_MANY"),
        }
    }
    let book = service::list(&signed_in).await.expect("reads");
    assert_eq!((kept, i64::try_from(book.len()).expect("few")), (MOST, MOST));
    assert_eq!(book.iter().filter(|entry| entry.is_default).count(), 1);
}
