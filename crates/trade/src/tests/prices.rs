//! Quotes with everything on offer: what is promised, what is explained, what is refused, and what it costs to ask.

use std::sync::Arc;

use catalog::product::service::SetParcel;
use entity::promotion::{coupon::CouponState, coupon_template::CouponWay};
use futures_util::future::join_all;
use kernel::{CouponId, Currency, CustomerId, Failure, Locale, LocalizedText, SkuId, days};
use platform::Op;
use promotion::{
    coupon::{
        query as coupon_query,
        rules::{Benefit, Returns, Terms as CouponTerms, Validity, WhyNot},
        service as coupons,
        templates::{self, Draft as CouponDraft},
    },
    freight::{
        rules::{ChargedBy, Delivery, Rule, Template},
        service as freight,
    },
    member_price::service::{self as members, PutOn},
    offer::{Step, Window},
    pricing::{Scope, words},
    reduction::{
        rules::{Effect, Measure, Off, Terms as ReductionTerms, Tier},
        service::{self as reductions, Draft as ReductionDraft},
    },
    settings::{
        rules::{PointsTerms, Settings, TaxMode},
        service as settings,
    },
    time_discount::{
        rules::limits::Most,
        service::{self as time_discounts, Draft as DiscountDraft, Lower},
    },
};
use sea_orm::EntityTrait;

use super::shop::{PRICE, STOCK, Shop, cny, purchase, refusal};
use crate::{
    order::{
        rules::CancelReason,
        service::{self as orders, CancelOrder},
    },
    points::service::{self as points, GrantPoints},
    quote::{
        PlayRef,
        preview::{self, Choice},
        service::{self as quotes, NewQuote, WantedLine},
    },
    refund::service::{self as refunds, StaffRefund},
};

fn title(zh: &str, en: &str) -> LocalizedText {
    LocalizedText::new(zh, en)
}

fn window(op: &Op) -> Window {
    Window { starts_at: op.now(), ends_at: op.now() + days(30) }
}

fn terms(benefit: Benefit) -> CouponTerms {
    CouponTerms {
        benefit,
        currency: Currency::Cny,
        scope: Scope::default(),
        min_spend_minor: 0,
        validity: Validity::Days { after: 0, days: 20 },
        group: "usual".into(),
        alone: false,
        with_reductions: true,
        with_plays: false,
        returns: Returns::WholeRefund,
    }
}

fn off(from: i64, minor: i64) -> Effect {
    Effect::Tiers { measure: Measure::Amount, tiers: vec![Tier { from, off: Off::Minor(minor) }] }
}

impl Shop {
    /// A coupon of these terms in the hands of `by`.
    async fn coupon(&self, by: &Op, terms: CouponTerms) -> CouponId {
        let op = self.op();
        let draft = CouponDraft {
            title: title("新人券", "Welcome"),
            terms,
            way: CouponWay::Claim,
            code: None,
            quota: None,
            per_customer: 9,
            window: window(&op),
        };
        let made = templates::create(&op, draft).await.expect("is written");
        templates::step(&op, made.id, Step::Activate).await.expect("is offered");
        coupons::claim(by, made.id).await.expect("is taken")
    }

    async fn reduction(&self, effect: Effect, with_plays: bool) -> kernel::ReductionId {
        let op = self.op();
        let terms = ReductionTerms { effect, currency: Currency::Cny, scope: Scope::default(), with_plays };
        let draft = ReductionDraft { title: title("双十一满减", "Singles' Day"), terms, priority: 0, window: window(&op) };
        let made = reductions::create(&op, draft).await.expect("is written");
        reductions::step(&op, made.id, Step::Activate).await.expect("is offered").id
    }

    async fn lowers(&self, sku: SkuId, lower: Lower) -> kernel::TimeDiscountId {
        self.lowers_some(sku, lower, Most::default()).await
    }

    async fn lowers_some(&self, sku: SkuId, lower: Lower, most: Most) -> kernel::TimeDiscountId {
        let op = self.op();
        let draft = DiscountDraft { title: title("限时购", "Today only"), window: window(&op), prices: vec![(sku, lower)], most };
        let made = time_discounts::create(&op, draft).await.expect("is written");
        time_discounts::step(&op, made.id, Step::Activate).await.expect("is offered").id
    }

    fn wants(&self, quantity: i64) -> NewQuote {
        NewQuote { lines: vec![WantedLine { sku: self.skus[0], quantity }], ..NewQuote::default() }
    }

    async fn coupon_state(&self, id: CouponId) -> CouponState {
        coupon_query::coupon(&self.op(), id).await.expect("reads").expect("is there").state
    }
}

fn customer(by: &Op) -> CustomerId {
    by.customer().expect("a customer")
}

#[tokio::test]
async fn everything_on_offer_adds_up_and_explains_itself() {
    let shop = Shop::opens().await;
    let (op, ann) = (shop.op(), shop.by(1));
    shop.lowers(shop.skus[0], Lower::To(9_000)).await;
    shop.reduction(off(15_000, 2_000), false).await;
    let cash = shop.coupon(&ann, terms(Benefit::Cash { minor: 1_000 })).await;
    let template = Template {
        name: "by weight".into(),
        currency: Currency::Cny,
        by: ChargedBy::Weight,
        rules: vec![
            Rule { first: 1_000, first_fee_minor: 2_000, ..Rule::default() },
            Rule { regions: vec!["33".into()], first: 50, first_fee_minor: 600, next: 50, next_fee_minor: 100, ..Rule::default() },
        ],
    };
    let usual = freight::create(&op, template).await.expect("is written").id;
    let set = Settings {
        points: Some(PointsTerms { points: 100, minor: 100, most_bps: 5_000 }),
        tax: TaxMode::Added,
        donations: true,
        freight: Some(usual),
    };
    settings::set(&op, set).await.expect("are kept");
    let parcel = SetParcel { sku: shop.skus[0], volume_cm3: 10, freight_template: None, tax_bps: 1_000 };
    freight::set_parcel(&op, parcel).await.expect("is set");
    let mut tx = op.begin().await.expect("begins");
    let granted = GrantPoints { customer: customer(&ann), source_kind: "task", source_id: "t".into(), points: 700, available_at: op.now() };
    points::grant(&mut tx, &op, granted).await.expect("are given");
    tx.commit().await.expect("commits");

    let wanted = NewQuote {
        coupons: vec![cash],
        points: 5_000,
        delivery: Delivery::Ship { region: Some("330106".into()) },
        donation_minor: 88,
        ..shop.wants(2)
    };
    let quote = quotes::create(&ann, wanted).await.expect("is promised");
    // 2 × 90 − 20 − 10 − 7 (all points there are) = 143; 100 g: 6 + 1; tax a tenth; 0.88 for others.
    assert_eq!((quote.goods, quote.shipping, quote.tax, quote.donation), (cny(14_300), cny(700), cny(1_430), cny(88)));
    assert_eq!(quote.total, cny(14_300 + 700 + 1_430 + 88));
    assert_eq!((quote.points, quote.points_worth, &quote.coupons), (700, cny(700), &vec![cash]));
    assert_eq!(quote.trace.iter().map(|line| line.amount.minor).sum::<i64>(), quote.total.minor);
    let told: Vec<String> = quote.trace.iter().map(|line| words::text(Locale::En, line)).collect();
    let expected =
        ["Price", "Today only: ¥90.00 each", "Singles' Day", "Coupon: Welcome", "700 points", "Shipping", "Tax (10%)", "Donation"];
    assert_eq!(told, expected);
    assert_eq!(quotes::get(&ann, quote.id).await.expect("reads").expect("is there"), quote, "it is kept as it was promised");
    assert_eq!(refusal(quotes::create(&ann, NewQuote { points: -1, ..shop.wants(1) }).await), "QUOTE_POINTS_INVALID");
    let nowhere = Delivery::Ship { region: Some("Hangzhou".into()) };
    assert_eq!(refusal(quotes::create(&ann, NewQuote { delivery: nowhere, ..shop.wants(1) }).await), "QUOTE_REGION_INVALID");
    assert_eq!(refusal(quotes::create(&ann, NewQuote { donation_minor: -5, ..shop.wants(1) }).await), "QUOTE_DONATION_INVALID");
}

#[tokio::test]
async fn a_member_pays_the_better_of_both_prices_and_a_play_stands_alone() {
    let shop = Shop::opens().await;
    let (op, ann) = (shop.op(), shop.by(1));
    let unit = |by: &Op, play: Option<PlayRef>| {
        let (by, wanted) = (by.clone(), NewQuote { play, ..shop.wants(1) });
        async move { quotes::create(&by, wanted).await.expect("is promised").lines[0].unit_price }
    };
    let draft = members::Draft { rank: 1, name: title("金卡", "Gold"), off_bps: 500 };
    let gold = members::save(&op, None, draft).await.expect("is written").id;
    let until = Some(op.now() + days(3));
    members::put_on(&op, PutOn { customer: customer(&ann), level: Some(gold), until }).await.expect("stands there");
    assert_eq!(unit(&ann, None).await, cny(9_500));
    assert_eq!(unit(&shop.by(2), None).await, cny(PRICE), "who is no member pays what everybody pays");
    let discount = shop.lowers(shop.skus[0], Lower::By(800)).await;
    assert_eq!(unit(&ann, None).await, cny(9_200), "the discount is better");
    members::set_prices(&op, gold, vec![(shop.skus[0], Some(8_800))]).await.expect("are set");
    assert_eq!(unit(&ann, None).await, cny(8_800), "the member's own price is better");
    let play = PlayRef { kind: "group_buy".into(), id: "x".into(), team: None, team_size: None };
    assert_eq!(unit(&ann, Some(play)).await, cny(PRICE - 1_000), "a play's price is the play's");
    shop.advance(days(4)).await;
    assert_eq!(unit(&ann, None).await, cny(9_200), "the membership is over");
    time_discounts::step(&op, discount, Step::Stop).await.expect("is taken back");
    assert_eq!(unit(&ann, None).await, cny(PRICE));
    assert_eq!(refusal(members::delete(&op, gold).await), "PROMOTION_IN_USE");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_orders_with_one_coupon_one_is_placed_and_cancelled_it_can_be_used_again() {
    let shop = Arc::new(Shop::opens().await);
    let ann = shop.by(1);
    let coupon = shop.coupon(&ann, terms(Benefit::Cash { minor: 1_000 })).await;
    let mut promised = Vec::new();
    for _ in 0..6 {
        let wanted = NewQuote { coupons: vec![coupon], ..shop.wants(1) };
        promised.push(quotes::create(&ann, wanted).await.expect("is promised: a quote holds nothing"));
    }
    let rush = promised.into_iter().map(|quote| {
        let ann = ann.clone();
        tokio::spawn(async move { orders::place_own(&ann, purchase(&quote), &format!("place-{}", quote.id)).await })
    });
    let rush: Vec<_> = join_all(rush).await.into_iter().map(|end| end.expect("ends")).collect();
    let (placed, refused): (Vec<_>, Vec<_>) = rush.into_iter().partition(Result::is_ok);
    assert_eq!(placed.len(), 1);
    assert!(refused.into_iter().all(|end| refusal(end) == "COUPON_USED"));
    let order = placed.into_iter().next().expect("one").expect("is placed");
    assert_eq!(order.total, cny(PRICE - 1_000));
    assert_eq!(shop.shelf().await.reserved, 1, "what was refused took nothing");
    assert_eq!(shop.coupon_state(coupon).await, CouponState::Held);
    let again = NewQuote { coupons: vec![coupon], ..shop.wants(1) };
    assert_eq!(refusal(quotes::create(&ann, again.clone()).await), "COUPON_USED");
    orders::cancel(&ann, CancelOrder { order: order.id, reason: CancelReason::Shopper }).await.expect("is cancelled");
    assert_eq!(shop.coupon_state(coupon).await, CouponState::Available);
    let quote = quotes::create(&ann, again).await.expect("is promised");
    let order = orders::place_own(&ann, purchase(&quote), "place-again-1").await.expect("is placed");
    shop.pays(&ann, order.id).await;
    assert_eq!(shop.coupon_state(coupon).await, CouponState::Spent);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_pieces_go_at_a_limited_price_than_there_are_and_cancelled_ones_go_again() {
    let shop = Arc::new(Shop::opens().await);
    let discount = shop.lowers_some(shop.skus[0], Lower::To(9_000), Most { per_customer: Some(2), in_all: Some(5) }).await;
    let mut promised = Vec::new();
    for n in 1..=4 {
        for _ in 0..4 {
            let quote = quotes::create(&shop.by(n), shop.wants(1)).await.expect("is promised: a quote holds nothing");
            promised.push((shop.by(n), quote));
        }
    }
    let rush = promised.into_iter().enumerate().map(|(nth, (by, quote))| {
        tokio::spawn(async move {
            let order = orders::place_own(&by, purchase(&quote), &format!("place-{}", quote.id)).await;
            match order {
                Ok(order) if nth % 3 == 0 => {
                    orders::cancel(&by, CancelOrder { order: order.id, reason: CancelReason::Shopper }).await.expect("is cancelled");
                    None
                }
                Ok(order) => Some((by, order)),
                refused => {
                    let code = refusal(refused);
                    assert!(["TIME_DISCOUNT_TAKEN", "ORDER_PRICE_CHANGED"].contains(&code), "{code}");
                    None
                }
            }
        })
    });
    let kept: Vec<_> = join_all(rush).await.into_iter().filter_map(|end| end.expect("ends")).collect();
    let used = || async { time_discounts::get(&shop.op(), discount).await.expect("reads").expect("is there").used };
    let count = i64::try_from(kept.len()).expect("few");
    assert!(count <= 5 && used().await == count, "{count} of 5");
    for n in 1..=4 {
        assert!(kept.iter().filter(|(by, _)| customer(by) == customer(&shop.by(n))).count() <= 2, "customer {n}");
    }
    assert_eq!(shop.shelf().await.reserved, count, "what was refused took nothing");
    for (by, order) in &kept {
        for _ in 0..2 {
            orders::cancel(by, CancelOrder { order: order.id, reason: CancelReason::Shopper }).await.expect("is cancelled, once");
        }
    }
    assert_eq!(used().await, 0);

    let unit = |by: Op, quantity| {
        let wanted = shop.wants(quantity);
        async move { quotes::create(&by, wanted).await.expect("is promised").lines[0].unit_price.minor }
    };
    assert_eq!((unit(shop.by(1), 2).await, unit(shop.by(1), 3).await), (9_000, PRICE), "a line goes as a whole or not at all");
    for n in 1..=2 {
        shop.orders(&shop.by(n), 2).await;
        assert_eq!(unit(shop.by(n), 1).await, PRICE, "customer {n} has theirs");
    }
    assert_eq!((unit(shop.by(3), 1).await, unit(shop.by(3), 2).await), (9_000, PRICE), "one is left");
    let paid = shop.orders(&shop.by(3), 1).await;
    shop.pays(&shop.by(3), paid.id).await;
    assert_eq!((unit(shop.by(4), 1).await, used().await), (PRICE, 5));
}

#[tokio::test]
async fn an_order_the_stock_refuses_leaves_the_coupon_alone() {
    let shop = Shop::opens().await;
    let (ann, bob) = (shop.by(1), shop.by(2));
    let coupon = shop.coupon(&ann, terms(Benefit::Percent { off_bps: 1_000, cap_minor: None })).await;
    let quote = quotes::create(&ann, NewQuote { coupons: vec![coupon], ..shop.wants(1) }).await.expect("is promised");
    shop.orders(&bob, STOCK).await;
    orders::place_own(&ann, purchase(&quote), "place-ann-0001").await.expect_err("nothing is left");
    assert_eq!(shop.coupon_state(coupon).await, CouponState::Available);
}

#[tokio::test]
async fn a_paid_order_gives_coupons_and_one_that_is_paid_back_returns_them() {
    let shop = Shop::opens().await;
    let (op, ann) = (shop.op(), shop.by(1));
    let draft = CouponDraft {
        title: title("下单有礼", "Thank you"),
        terms: terms(Benefit::Cash { minor: 300 }),
        way: CouponWay::OrderPaid,
        code: None,
        quota: None,
        per_customer: 5,
        window: window(&op),
    };
    let thanks = templates::create(&op, draft).await.expect("is written").id;
    templates::step(&op, thanks, Step::Activate).await.expect("is offered");
    let coupon = shop.coupon(&ann, terms(Benefit::Cash { minor: 1_000 })).await;
    let quote = quotes::create(&ann, NewQuote { coupons: vec![coupon], ..shop.wants(1) }).await.expect("is promised");
    let order = orders::place_own(&ann, purchase(&quote), "place-0001").await.expect("is placed");
    shop.pays(&ann, order.id).await;
    shop.settle().await;
    let had = coupon_query::had(&op, (customer(&ann), &[thanks])).await.expect("counts");
    assert_eq!(had.get(&thanks), Some(&1));
    let back = |amount| StaffRefund { order: order.id, amount, lines: None, reason: "the tea was late".into() };
    refunds::by_staff(&shop.staff(), back(Some(cny(100))), "refund-0001").await.expect("is asked for");
    shop.settle().await;
    assert_eq!(shop.coupon_state(coupon).await, CouponState::Spent, "a part is not the whole");
    refunds::by_staff(&shop.staff(), back(None), "refund-0002").await.expect("is asked for");
    shop.settle().await;
    assert_eq!(shop.coupon_state(coupon).await, CouponState::Available);
}

#[tokio::test]
async fn an_offer_that_changed_is_a_changed_price_with_a_new_quote() {
    let shop = Shop::opens().await;
    let (op, ann) = (shop.op(), shop.by(1));
    let reduction = shop.reduction(off(10_000, 1_500), false).await;
    let quote = quotes::create(&ann, shop.wants(1)).await.expect("is promised");
    assert_eq!(quote.total, cny(PRICE - 1_500));
    reductions::step(&op, reduction, Step::Stop).await.expect("is taken back");
    match orders::place_own(&ann, purchase(&quote), "place-0001").await {
        Err(Failure::Refused(crate::order::Refused::PriceChanged { actual, quote: fresh, .. })) => {
            assert_eq!(actual, cny(PRICE));
            let fresh = quotes::get(&ann, fresh).await.expect("reads").expect("is there");
            orders::place_own(&ann, purchase(&fresh), "place-0002").await.expect("is placed at the new price");
        }
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_gift_is_in_the_order_and_taken_from_the_stock() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let gift = Effect::Gift { measure: Measure::Pieces, from: 2, sku: shop.skus[1], quantity: 1 };
    shop.reduction(gift, false).await;
    let quote = quotes::create(&ann, shop.wants(2)).await.expect("is promised");
    assert_eq!((quote.lines.len(), quote.total), (2, cny(2 * PRICE)));
    assert_eq!(quote.wanted(), shop.wants(2), "what is given was not wanted");
    let order = orders::place_own(&ann, purchase(&quote), "place-0001").await.expect("is placed");
    assert_eq!(order.total, cny(2 * PRICE));
    let shelves = catalog::inventory::service::shelves(&shop.op(), &shop.skus).await.expect("reads");
    assert_eq!((shelves[&shop.skus[0]].reserved, shelves[&shop.skus[1]].reserved), (2, 1));
}

#[tokio::test]
async fn a_preview_says_what_each_coupon_would_do_and_which_save_most() {
    let shop = Shop::opens().await;
    let (ann, group) = (shop.by(1), |name: &str, benefit| CouponTerms { group: name.into(), ..terms(benefit) });
    let small = shop.coupon(&ann, group("a", Benefit::Cash { minor: 500 })).await;
    let large = shop.coupon(&ann, group("a", Benefit::Cash { minor: 900 })).await;
    let beside = shop.coupon(&ann, group("b", Benefit::Percent { off_bps: 1_000, cap_minor: None })).await;
    let far = CouponTerms { min_spend_minor: 50_000, ..group("c", Benefit::Cash { minor: 5_000 }) };
    let far = shop.coupon(&ann, far).await;
    let lone = shop.coupon(&ann, CouponTerms { alone: true, ..group("d", Benefit::Cash { minor: 1_200 }) }).await;
    let told = preview::preview(&ann, (&shop.wants(1), Choice::Best)).await.expect("is told");
    let saves = |id| told.coupons.iter().find(|view| view.coupon.id == id).expect("is told").saves;
    assert_eq!(saves(small), Ok(cny(500)));
    assert_eq!(saves(large), Ok(cny(900)));
    assert_eq!(saves(beside), Ok(cny(1_000)));
    assert_eq!(saves(far), Err(WhyNot::TooLittle(40_000)));
    assert_eq!(saves(lone), Ok(cny(1_200)));
    let mut best = told.best.clone();
    best.sort();
    let mut expected = vec![large, beside];
    expected.sort();
    assert_eq!(best, expected, "two that go together beat the lone one");
    assert_eq!(told.priced.total, cny(PRICE - 1_900));
    assert_eq!(shop.coupon_state(large).await, CouponState::Available, "nothing is promised");
    assert!(preview::preview(&shop.by(2), (&shop.wants(1), Choice::Best)).await.expect("is told").coupons.is_empty());
    let others = quotes::create(&shop.by(2), NewQuote { coupons: vec![large], ..shop.wants(1) }).await;
    assert_eq!(refusal(others), "COUPON_NOT_FOUND", "somebody else's coupon is none");
}

#[tokio::test]
async fn a_coupon_worth_more_than_the_order_is_capped_and_can_be_paid_with() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let coupon = shop.coupon(&ann, terms(Benefit::Cash { minor: 99_999 })).await;
    let quote = quotes::create(&ann, NewQuote { coupons: vec![coupon], ..shop.wants(1) }).await.expect("is promised");
    assert_eq!(quote.total, cny(1));
    let order = orders::place_own(&ann, purchase(&quote), "place-0001").await.expect("is placed");
    shop.pays(&ann, order.id).await;
    shop.adds_up().await;
}

#[tokio::test]
async fn asking_costs_as_many_statements_with_a_hundred_offers_as_with_one() {
    let shop = Shop::opens().await;
    let (op, ann) = (shop.op(), shop.by(1));
    let mut counts = Vec::new();
    for offers in [1, 10, 100] {
        let there = entity::promotion::reduction::Entity::find().all(op.reader()).await.expect("reads").len();
        for n in there..offers {
            shop.reduction(off(1_000, 100 + i64::try_from(n).expect("small")), false).await;
            if n % 2 == 0 {
                shop.lowers(shop.skus[0], Lower::By(100 + i64::try_from(n).expect("small"))).await;
            }
        }
        quotes::create(&ann, shop.wants(1)).await.expect("is promised: reads the book once");
        let before = shop.test.platform.db.statements();
        let quote = quotes::create(&ann, shop.wants(1)).await.expect("is promised");
        counts.push(shop.test.platform.db.statements() - before);
        assert!(quote.total.minor < PRICE);
    }
    assert!(counts.windows(2).all(|pair| pair[0] == pair[1]), "{counts:?}");
}

#[tokio::test]
async fn a_shopper_is_told_line_by_line_what_the_cart_costs_and_quotes_it_with_the_best_coupons() {
    let shop = Shop::opens().await;
    let ann = Op { locale: Locale::En, ..shop.by(1) };
    let coupon = shop.coupon(&ann, terms(Benefit::Cash { minor: 1_000 })).await;
    let dear = CouponTerms { min_spend_minor: 90_000, group: "dear".into(), ..terms(Benefit::Cash { minor: 1 }) };
    shop.coupon(&ann, dear).await;
    let schema =
        async_graphql::Schema::new(crate::ShopQuery::default(), crate::ShopMutation::default(), crate::ShopSubscription::default());
    let ask = |document: String| {
        let request = crate::loaders(&ann, async_graphql::Request::new(document)).data(ann.clone());
        let schema = schema.clone();
        async move {
            let response = schema.execute(request).await;
            assert!(response.errors.is_empty(), "{:?}", response.errors);
            response.data.into_json().expect("is JSON")
        }
    };
    ask(format!("mutation {{ cartLineAdd(input: {{ skuId: \"{}\", quantity: 2 }}) {{ userErrors {{ __typename }} }} }}", shop.skus[0]))
        .await;
    let told =
        ask("{ pricePreview(input: { regionCode: \"330106\" }) { total { amount } couponIds bestCouponIds trace { text amount { amount } }
            lines { quantity payable { amount } } coupons { id usable saves { amount } reason reasonText missing { amount } } } }"
            .to_owned())
        .await;
    let preview = &told["pricePreview"];
    assert_eq!(preview["total"]["amount"], 2 * PRICE, "no coupon was named");
    assert_eq!(preview["bestCouponIds"], serde_json::json!([coupon]));
    let texts: Vec<_> = preview["trace"].as_array().expect("is a list").iter().map(|line| line["text"].clone()).collect();
    assert_eq!(texts, ["Price", "Free shipping"]);
    let unusable = preview["coupons"].as_array().expect("is a list").iter().find(|view| view["usable"] == false).expect("is told");
    assert_eq!((&unusable["reason"], &unusable["missing"]["amount"]), (&"COUPON_SPEND_MORE".into(), &70_000.into()));
    assert_eq!(unusable["reasonText"], "These goods cost too little for the coupon.");
    let made = ask("mutation { quoteCreate(input: { bestCoupons: true, delivery: PICK_UP }) {
            quote { id total { amount } couponIds delivery regionCode trace { code } } userErrors { __typename } } }"
        .to_owned())
    .await;
    let quote = &made["quoteCreate"]["quote"];
    assert_eq!((&quote["total"]["amount"], &quote["couponIds"]), (&(2 * PRICE - 1_000).into(), &serde_json::json!([coupon])));
    assert_eq!(quote["delivery"], "PICK_UP");
}
