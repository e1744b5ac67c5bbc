//! Who carries parcels: the known carriers, by every name people and systems give them.

/// A known carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carrier {
    /// Our code, as in a spreadsheet: `SF`.
    pub code: &'static str,
    /// 顺丰速运.
    pub zh: &'static str,
    /// SF Express.
    pub en: &'static str,
    /// Kuaidi100's code for it.
    pub kuaidi100: &'static str,
    /// WeChat's code for it (`delivery_id` of the express interface).
    pub wechat: &'static str,
    /// Whether it tells where a parcel is only to who knows the end of the recipient's phone.
    pub asks_phone: bool,
}

const fn carrier(code: &'static str, (zh, en): (&'static str, &'static str), (kuaidi100, wechat): (&'static str, &'static str)) -> Carrier {
    Carrier { code, zh, en, kuaidi100, wechat, asks_phone: false }
}

/// Every known carrier.
pub const CARRIERS: &[Carrier] = &[
    Carrier { asks_phone: true, ..carrier("SF", ("顺丰速运", "SF Express"), ("shunfeng", "SF")) },
    carrier("ZTO", ("中通快递", "ZTO Express"), ("zhongtong", "ZTO")),
    carrier("YTO", ("圆通速递", "YTO Express"), ("yuantong", "YTO")),
    carrier("YUNDA", ("韵达快递", "Yunda Express"), ("yunda", "YD")),
    carrier("STO", ("申通快递", "STO Express"), ("shentong", "STO")),
    carrier("JTSD", ("极兔速递", "J&T Express"), ("jtexpress", "JTSD")),
    carrier("JD", ("京东物流", "JD Logistics"), ("jd", "JD")),
    carrier("EMS", ("邮政特快专递", "EMS"), ("ems", "EMS")),
    carrier("YZPY", ("邮政快递包裹", "China Post"), ("youzhengguonei", "YZPY")),
    carrier("DBL", ("德邦快递", "Deppon Express"), ("debangkuaidi", "DBL")),
    carrier("HTKY", ("百世快递", "Best Express"), ("huitongkuaidi", "HTKY")),
    carrier("ZJS", ("宅急送", "ZJS Express"), ("zhaijisong", "ZJS")),
    carrier("UC", ("优速快递", "UCE Express"), ("youshuwuliu", "UC")),
    carrier("DNWL", ("丹鸟物流", "Danniao"), ("danniao", "DNWL")),
    carrier("DHL", ("DHL", "DHL"), ("dhl", "DHL")),
    carrier("FEDEX", ("联邦快递", "FedEx"), ("fedex", "FEDEX")),
    carrier("UPS", ("UPS", "UPS"), ("ups", "UPS")),
];

/// The carrier people mean: its code, its name in Chinese or English, whole or its beginning, or another system's code.
pub fn find(text: &str) -> Option<&'static Carrier> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let is = |name: &str| name.eq_ignore_ascii_case(text);
    let exact = |known: &&Carrier| [known.code, known.zh, known.en, known.kuaidi100, known.wechat].into_iter().any(is);
    // 顺丰, 中通快运: two Chinese characters name a carrier.
    let begins = |known: &&Carrier| {
        let two: String = known.zh.chars().take(2).collect();
        two.chars().all(|c| !c.is_ascii()) && !known.zh.starts_with("邮政") && text.starts_with(&two)
    };
    CARRIERS.iter().find(exact).or_else(|| CARRIERS.iter().find(begins))
}

/// The carrier with Kuaidi100's code.
pub fn by_kuaidi100(code: &str) -> Option<&'static Carrier> {
    CARRIERS.iter().find(|known| known.kuaidi100 == code)
}

/// The carrier with our code.
pub fn by_code(code: &str) -> Option<&'static Carrier> {
    CARRIERS.iter().find(|known| known.code == code)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn people_name_carriers_in_many_ways() {
        for (said, meant) in [
            ("SF", "SF"),
            ("sf", "SF"),
            ("顺丰", "SF"),
            ("顺丰速运", "SF"),
            ("顺丰快递", "SF"),
            ("SF Express", "SF"),
            (" shunfeng ", "SF"),
            ("中通", "ZTO"),
            ("YD", "YUNDA"),
            ("韵达快运", "YUNDA"),
            ("EMS", "EMS"),
            ("邮政快递包裹", "YZPY"),
            ("极兔", "JTSD"),
            ("京东快递", "JD"),
        ] {
            assert_eq!(find(said).map(|known| known.code), Some(meant), "{said}");
        }
        for unknown in ["", "邮政", "我的表哥", "S"] {
            assert_eq!(find(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn no_two_carriers_share_a_code() {
        for codes in [|c: &Carrier| c.code, |c: &Carrier| c.kuaidi100, |c: &Carrier| c.wechat] {
            let distinct: HashSet<_> = CARRIERS.iter().map(codes).collect();
            assert_eq!(distinct.len(), CARRIERS.len());
        }
    }
}
