//! What the demo mall sells: sixty articles on six shelves, made up by us, in Chinese and English.

use super::drawing::{self as shape, Motif, Tone};

/// Chinese and English.
pub(super) type Text = (&'static str, &'static str);

/// A shelf of the demo mall.
pub(super) struct Shelf {
    pub(super) name: Text,
    /// The hue of its backgrounds.
    pub(super) hue: u16,
    pub(super) icon: Motif,
    pub(super) tone: Tone,
    pub(super) articles: &'static [Article],
}

/// An article of the demo mall.
pub(super) struct Article {
    /// SKU codes begin with it.
    pub(super) code: &'static str,
    pub(super) motif: Motif,
    pub(super) tone: Tone,
    pub(super) title: Text,
    pub(super) subtitle: Text,
    pub(super) about: Text,
    pub(super) facts: &'static [(Text, Text)],
    pub(super) options: &'static [(Text, &'static [Text])],
    /// One per combination, the last option fastest: price, market price, grams, stock, sold before.
    pub(super) skus: &'static [(i64, i64, i64, i64, i64)],
}

const ORIGIN: Text = ("产地", "Origin");
const KEEPS: Text = ("保质期", "Keeps");
const STORE: Text = ("储存", "Storage");
const MATERIAL: Text = ("材质", "Material");
const AGE: Text = ("适用月龄", "For ages");
const SKIN: Text = ("适用肤质", "For skin");
const SIZE: Text = ("规格", "Size");
const COLOUR: Text = ("颜色", "Colour");
const FLAVOUR: Text = ("口味", "Flavour");
const MONTHS_18: Text = ("18 个月", "18 months");
const MONTHS_12: Text = ("12 个月", "12 months");
const COOL: Text = ("阴凉干燥处", "Cool and dry");
const ALL_SKIN: Text = ("所有肤质", "All skin types");

/// The shelves in their order.
pub(super) const SHELVES: &[Shelf] = &[
    Shelf { name: ("茶叶", "Tea"), hue: 92, icon: shape::teacup, tone: (96, 38, 42, 30), articles: TEA },
    Shelf { name: ("水果生鲜", "Fruit & farm produce"), hue: 28, icon: shape::peach, tone: (350, 74, 68, 110), articles: FARM },
    Shelf { name: ("休闲零食", "Snacks"), hue: 42, icon: shape::cookie, tone: (32, 56, 56, 340), articles: SNACKS },
    Shelf { name: ("家居厨房", "Home & kitchen"), hue: 200, icon: shape::lamp, tone: (204, 40, 52, 40), articles: HOME },
    Shelf { name: ("母婴用品", "Mother & baby"), hue: 340, icon: shape::bear, tone: (28, 54, 62, 340), articles: BABY },
    Shelf { name: ("美妆个护", "Beauty & personal care"), hue: 286, icon: shape::jar, tone: (300, 34, 62, 160), articles: CARE },
];

const TEA: &[Article] = &[
    Article {
        code: "TEA-DHP",
        motif: shape::caddy,
        tone: (14, 44, 36, 24),
        title: ("武夷山大红袍 中足火岩茶", "Wuyi Da Hong Pao rock tea"),
        subtitle: ("炭焙三道，岩骨花香", "Roasted three times over charcoal"),
        about: (
            "采自武夷山核心产区的肉桂与水仙拼配，传统炭火慢焙。汤色橙红透亮，入口醇厚，七泡有余香。",
            "A blend of Rou Gui and Shui Xian from the heart of the Wuyi hills, slowly roasted over charcoal. Amber in the cup, full on the tongue, fragrant to the seventh infusion.",
        ),
        facts: &[
            (ORIGIN, ("福建武夷山", "Wuyishan, Fujian")),
            (("焙火", "Roast"), ("中足火", "Medium to full")),
            (KEEPS, ("36 个月", "36 months")),
        ],
        options: &[(SIZE, &[("50 克", "50 g"), ("125 克", "125 g"), ("250 克", "250 g")])],
        skus: &[(5900, 7900, 90, 320, 1204), (12800, 16800, 190, 210, 866), (23800, 29800, 340, 90, 241)],
    },
    Article {
        code: "TEA-LJ",
        motif: shape::sprig,
        tone: (102, 46, 46, 60),
        title: ("明前西湖龙井 手工炒制", "Longjing green tea, first flush"),
        subtitle: ("清明前头采嫩芽", "Buds picked before the Qingming festival"),
        about: (
            "一芽一叶，铁锅手炒，扁平光滑。豆香与栗香交织，汤色嫩绿，回甘持久。",
            "One bud with one leaf, pan-fired by hand until flat and smooth. Notes of chestnut and fresh beans, a pale green cup and a long sweet finish.",
        ),
        facts: &[
            (ORIGIN, ("浙江杭州", "Hangzhou, Zhejiang")),
            (("采摘", "Picked"), ("明前", "Before Qingming")),
            (STORE, ("密封冷藏", "Sealed and chilled")),
        ],
        options: &[(SIZE, &[("50 克", "50 g"), ("100 克", "100 g"), ("200 克礼盒", "200 g gift box")])],
        skus: &[(9800, 12800, 80, 160, 932), (18800, 23800, 130, 120, 540), (39800, 49800, 420, 40, 128)],
    },
    Article {
        code: "TEA-TGY",
        motif: shape::teapot,
        tone: (152, 36, 40, 36),
        title: ("安溪铁观音 清香型", "Anxi Tieguanyin oolong, fragrant"),
        subtitle: ("兰花香，独立小泡袋", "Orchid notes, packed cup by cup"),
        about: (
            "高山秋茶，轻发酵轻焙火，颗粒紧结如蜻蜓头。每袋 7 克，一袋一泡，出门也方便。",
            "Autumn leaves from high gardens, lightly oxidised and lightly roasted, rolled tight. Seven grams a sachet: one sachet, one pot, at home or on the road.",
        ),
        facts: &[(ORIGIN, ("福建安溪", "Anxi, Fujian")), (KEEPS, MONTHS_18), (STORE, ("0-5℃ 冷藏", "Chilled, 0-5 °C"))],
        options: &[(SIZE, &[("10 泡", "10 sachets"), ("36 泡", "36 sachets")])],
        skus: &[(4900, 5900, 110, 400, 1530), (14900, 17900, 320, 180, 702)],
    },
    Article {
        code: "TEA-PE",
        motif: shape::teacake,
        tone: (22, 38, 34, 18),
        title: ("勐海普洱熟茶饼 357 克", "Menghai ripe pu'er cake, 357 g"),
        subtitle: ("五年陈，醇厚顺滑", "Five years old, smooth and deep"),
        about: (
            "勐海大叶种晒青渥堆发酵，干仓存放五年。红浓明亮，陈香带枣甜，越煮越润。",
            "Sun-dried large-leaf tea from Menghai, ripened and kept dry for five years. A bright dark-red cup with a hint of dates that only gains by boiling.",
        ),
        facts: &[
            (ORIGIN, ("云南勐海", "Menghai, Yunnan")),
            (("年份", "Vintage"), ("2021", "2021")),
            (("净含量", "Net weight"), ("357 克", "357 g")),
        ],
        options: &[],
        skus: &[(16800, 21800, 420, 150, 463)],
    },
    Article {
        code: "TEA-JJM",
        motif: shape::teacup,
        tone: (8, 52, 44, 26),
        title: ("桐木关金骏眉 红茶", "Jin Jun Mei black tea"),
        subtitle: ("全芽头，蜜香浓郁", "Buds only, honeyed and bright"),
        about: (
            "选用单芽，金毫显露。花果蜜香层层展开，汤感细腻，冷后仍甜。",
            "Single golden buds. Flowers, fruit and honey unfold one after another; fine in the mouth and still sweet when cold.",
        ),
        facts: &[(ORIGIN, ("福建桐木关", "Tongmu, Fujian")), (KEEPS, ("24 个月", "24 months"))],
        options: &[(SIZE, &[("30 克", "30 g"), ("100 克", "100 g")])],
        skus: &[(6900, 8900, 60, 220, 812), (19900, 25900, 150, 110, 365)],
    },
    Article {
        code: "TEA-BM",
        motif: shape::giftbox,
        tone: (46, 40, 58, 12),
        title: ("福鼎白牡丹 小饼礼盒", "Fuding white peony, gift box of coins"),
        subtitle: ("一饼一泡，毫香清甜", "One coin a pot, soft and sweet"),
        about: (
            "日晒萎凋，不炒不揉，压制成 5 克小饼。第一泡是花，第三泡是蜜，送礼自饮两相宜。",
            "Withered in the sun, neither fired nor rolled, pressed into coins of five grams. Flowers first, honey by the third cup; a present, or not.",
        ),
        facts: &[(ORIGIN, ("福建福鼎", "Fuding, Fujian")), (STORE, COOL)],
        options: &[(SIZE, &[("20 饼", "20 coins"), ("40 饼", "40 coins")])],
        skus: &[(12900, 15900, 260, 130, 287), (23900, 29900, 460, 70, 133)],
    },
    Article {
        code: "TEA-JAS",
        motif: shape::sprig,
        tone: (84, 40, 56, 52),
        title: ("横县茉莉花茶 七窨", "Jasmine tea, scented seven times"),
        subtitle: ("鲜花入茶，七次窨制", "Fresh blossoms, seven nights"),
        about: (
            "伏天茉莉与烘青绿茶七窨一提，只闻花香不见花。冷泡同样鲜灵。",
            "Midsummer jasmine and green tea, laid together seven nights, the blossoms taken out again. As lively brewed cold.",
        ),
        facts: &[(ORIGIN, ("广西横州", "Hengzhou, Guangxi")), (KEEPS, MONTHS_18)],
        options: &[(SIZE, &[("100 克", "100 g"), ("250 克", "250 g")])],
        skus: &[(3900, 4900, 130, 500, 2106), (8800, 10900, 290, 260, 934)],
    },
    Article {
        code: "TEA-CHR",
        motif: shape::caddy,
        tone: (44, 62, 54, 32),
        title: ("黄山贡菊 无硫烘干", "Huangshan chrysanthemum, unsulphured"),
        subtitle: ("一朵一杯，清爽不苦", "One blossom a cup, never bitter"),
        about: (
            "高山贡菊，低温烘干，花型完整。可单泡，也可配枸杞、冰糖。",
            "Mountain blossoms dried gently and whole. Alone, or with goji and rock sugar.",
        ),
        facts: &[(ORIGIN, ("安徽黄山", "Huangshan, Anhui")), (KEEPS, MONTHS_18)],
        options: &[],
        skus: &[(3600, 4500, 120, 600, 1877)],
    },
    Article {
        code: "TEA-COLD",
        motif: shape::flask,
        tone: (168, 42, 48, 42),
        title: ("冷泡茶三角包 混合装", "Cold-brew tea bags, assorted"),
        subtitle: ("丢进冷水，十分钟就好", "Into cold water, ten minutes, done"),
        about: (
            "蜜桃乌龙、青柠绿茶、洛神红茶三种口味，玉米纤维茶包，可降解。",
            "Peach oolong, lime green and roselle black, in bags of plant fibre that rot away.",
        ),
        facts: &[(("茶包", "Bag"), ("玉米纤维，可降解", "Plant fibre, compostable")), (KEEPS, MONTHS_12)],
        options: &[
            (FLAVOUR, &[("蜜桃乌龙", "Peach oolong"), ("青柠绿茶", "Lime green"), ("混合装", "Assorted")]),
            (SIZE, &[("12 包", "12 bags"), ("30 包", "30 bags")]),
        ],
        skus: &[
            (2900, 3900, 70, 380, 644),
            (5900, 7900, 150, 240, 388),
            (2900, 3900, 70, 360, 512),
            (5900, 7900, 150, 220, 301),
            (3200, 4200, 70, 410, 978),
            (6500, 8500, 150, 280, 620),
        ],
    },
    Article {
        code: "TEA-SET",
        motif: shape::teapot,
        tone: (200, 20, 46, 16),
        title: ("便携旅行茶具 一壶三杯", "Travel tea set, one pot and three cups"),
        subtitle: ("粗陶手工，配收纳包", "Stoneware by hand, with a pouch"),
        about: (
            "快客杯造型，三杯套叠，防烫硅胶圈。车上、露营、办公室随处一泡。",
            "A pot that holds its three cups, with a ring that keeps fingers cool. For the train, the tent and the office.",
        ),
        facts: &[(MATERIAL, ("粗陶", "Stoneware")), (("容量", "Holds"), ("180 毫升", "180 ml"))],
        options: &[(COLOUR, &[("黛青", "Slate"), ("米白", "Cream")])],
        skus: &[(12800, 16800, 780, 95, 176), (12800, 16800, 780, 80, 142)],
    },
];

const FARM: &[Article] = &[
    Article {
        code: "FRM-PEACH",
        motif: shape::peach,
        tone: (352, 78, 70, 108),
        title: ("阳山水蜜桃 树熟现摘", "Yangshan honey peaches, tree-ripened"),
        subtitle: ("当天采摘，顺丰冷链", "Picked today, sent cold"),
        about: (
            "皮薄汁多，撕皮即食。糖度 13 以上才装箱，坏果包赔。",
            "Thin skin, running juice; peel with the fingers. Boxed only above 13 degrees Brix, and every bruised one is refunded.",
        ),
        facts: &[
            (ORIGIN, ("江苏无锡阳山", "Yangshan, Wuxi")),
            (("糖度", "Sweetness"), ("13 度以上", "Above 13 °Bx")),
            (STORE, ("常温，尽快食用", "Room temperature, soon")),
        ],
        options: &[(SIZE, &[("6 个装", "6 pieces"), ("12 个装", "12 pieces")])],
        skus: &[(7900, 9900, 1900, 180, 1460), (14800, 18800, 3700, 90, 688)],
    },
    Article {
        code: "FRM-ORANGE",
        motif: shape::citrus,
        tone: (28, 88, 54, 118),
        title: ("赣南脐橙 9 斤装", "Gannan navel oranges, 4.5 kg"),
        subtitle: ("不打蜡，果径自选", "Unwaxed, in the size you like"),
        about: (
            "霜降后采收，肉质脆嫩化渣，酸甜平衡。产地直发，一箱到家。",
            "Harvested after the first frost: crisp, tender, sweet with an edge. Straight from the orchard.",
        ),
        facts: &[(ORIGIN, ("江西赣州", "Ganzhou, Jiangxi")), (("打蜡", "Wax"), ("无", "None"))],
        options: &[(("果径", "Diameter"), &[("70-75 毫米", "70-75 mm"), ("75-80 毫米", "75-80 mm"), ("80-85 毫米", "80-85 mm")])],
        skus: &[(4580, 5980, 4700, 420, 3120), (5280, 6580, 4700, 350, 2208), (5980, 7580, 4700, 200, 951)],
    },
    Article {
        code: "FRM-APPLE",
        motif: shape::apple,
        tone: (4, 72, 50, 100),
        title: ("阿克苏冰糖心苹果", "Aksu sugar-heart apples"),
        subtitle: ("切开见糖心", "Cut one and see"),
        about: (
            "天山雪水灌溉，昼夜温差大，果核周围结出透明糖心。脆、甜、香。",
            "Watered by snow from the Tianshan, warm by day and cold by night until the core turns clear with sugar. Crisp, sweet, fragrant.",
        ),
        facts: &[(ORIGIN, ("新疆阿克苏", "Aksu, Xinjiang")), (STORE, ("冷藏 30 天", "30 days chilled"))],
        options: &[(SIZE, &[("5 斤", "2.5 kg"), ("10 斤", "5 kg")])],
        skus: &[(3980, 4980, 2700, 520, 2844), (6980, 8980, 5300, 300, 1533)],
    },
    Article {
        code: "FRM-GRAPE",
        motif: shape::grapes,
        tone: (128, 48, 58, 96),
        title: ("阳光玫瑰葡萄 2 串礼盒", "Shine Muscat grapes, two bunches"),
        subtitle: ("玫瑰香，无籽带皮吃", "Seedless, eaten with the skin"),
        about: ("控产栽培，一株一串，颗颗饱满。入口是浓郁的玫瑰香。", "One bunch a vine, so every berry is full. A taste of roses."),
        facts: &[(ORIGIN, ("云南建水", "Jianshui, Yunnan")), (("净重", "Net weight"), ("约 1.4 公斤", "About 1.4 kg"))],
        options: &[],
        skus: &[(8900, 12800, 1700, 140, 720)],
    },
    Article {
        code: "FRM-MANGO",
        motif: shape::mango,
        tone: (38, 92, 56, 358),
        title: ("百色桂七芒果", "Guiqi mangoes from Baise"),
        subtitle: ("小核香芒，纤维少", "Small stone, hardly a fibre"),
        about: (
            "青皮桂七，熟了也是青黄色，香气浓得满屋都是。放软再吃。",
            "Green outside even when ripe, and the scent fills the room. Wait until they give.",
        ),
        facts: &[(ORIGIN, ("广西百色", "Baise, Guangxi")), (("吃法", "Eat"), ("放软即食", "When soft"))],
        options: &[(SIZE, &[("5 斤", "2.5 kg"), ("9 斤", "4.5 kg")])],
        skus: &[(3990, 5200, 2700, 310, 1190), (6590, 8200, 4800, 190, 604)],
    },
    Article {
        code: "FRM-LYCHEE",
        motif: shape::berries,
        tone: (352, 62, 54, 110),
        title: ("增城桂味荔枝 冰鲜", "Guiwei lychees, on ice"),
        subtitle: ("凌晨采摘，次日到家", "Picked before dawn, there tomorrow"),
        about: (
            "桂花香型荔枝，肉脆核小。泡沫箱加冰袋，凌晨发车。",
            "Lychees with a note of osmanthus: crisp flesh, tiny stone. Iced, boxed and on the road by dawn.",
        ),
        facts: &[(ORIGIN, ("广东增城", "Zengcheng, Guangdong")), (STORE, ("冷藏 3 天", "3 days chilled"))],
        options: &[(SIZE, &[("3 斤", "1.5 kg"), ("5 斤", "2.5 kg")])],
        skus: &[(6800, 8800, 1900, 0, 1322), (10800, 13800, 3000, 24, 810)],
    },
    Article {
        code: "FRM-RICE",
        motif: shape::sack,
        tone: (40, 42, 66, 102),
        title: ("五常稻花香大米", "Wuchang Daohuaxiang rice"),
        subtitle: ("当季新米，真空小包", "This year's harvest, vacuum-packed"),
        about: (
            "一年一季，黑土地种植。煮饭满屋飘香，冷饭不回生。",
            "One harvest a year from black soil. The kitchen smells of it, and it stays soft when cold.",
        ),
        facts: &[
            (ORIGIN, ("黑龙江五常", "Wuchang, Heilongjiang")),
            (KEEPS, MONTHS_12),
            (("品种", "Variety"), ("五优稻 4 号", "Wuyou No. 4")),
        ],
        options: &[(SIZE, &[("2.5 公斤", "2.5 kg"), ("5 公斤", "5 kg"), ("10 公斤", "10 kg")])],
        skus: &[(4590, 5590, 2550, 600, 2410), (8490, 9990, 5080, 420, 1886), (15900, 18900, 10100, 150, 530)],
    },
    Article {
        code: "FRM-EGG",
        motif: shape::eggs,
        tone: (26, 52, 66, 44),
        title: ("散养谷物鲜鸡蛋", "Free-range grain-fed eggs"),
        subtitle: ("可生食标准，坏蛋包赔", "Safe to eat raw, cracked ones refunded"),
        about: (
            "林下散养，谷物喂食，48 小时内发货。蛋黄橙黄挺立。",
            "From hens in the woods, fed on grain, sent within 48 hours. Yolks that stand up.",
        ),
        facts: &[(KEEPS, ("30 天", "30 days")), (STORE, ("冷藏", "Chilled"))],
        options: &[(SIZE, &[("20 枚", "20 eggs"), ("30 枚", "30 eggs")])],
        skus: &[(2990, 3690, 1300, 380, 2750), (4290, 5290, 1950, 260, 1904)],
    },
    Article {
        code: "FRM-HONEY",
        motif: shape::honey,
        tone: (36, 86, 50, 12),
        title: ("秦岭土蜂蜜 百花原蜜", "Qinling raw wildflower honey"),
        subtitle: ("一年一取，自然结晶", "Taken once a year, sets by itself"),
        about: (
            "中华蜜蜂采百花，自然成熟封盖。不加热不浓缩，冬天会结晶成猪油状。",
            "Made by native bees from many flowers and sealed by them. Neither heated nor thickened; in winter it sets to a cream.",
        ),
        facts: &[(ORIGIN, ("陕西秦岭", "Qinling, Shaanxi")), (KEEPS, ("24 个月", "24 months"))],
        options: &[(SIZE, &[("250 克", "250 g"), ("500 克", "500 g")])],
        skus: &[(5900, 7500, 420, 230, 640), (10900, 13900, 780, 140, 418)],
    },
    Article {
        code: "FRM-CORN",
        motif: shape::corn,
        tone: (48, 88, 60, 116),
        title: ("东北甜糯玉米 真空装", "Sweet waxy corn from the north-east"),
        subtitle: ("软糯香甜，加热即食", "Soft and sweet, ready when warm"),
        about: ("现掰现煮，两小时锁鲜。早餐加热五分钟。", "Cooked and sealed within two hours of the field. Five minutes for breakfast."),
        facts: &[(ORIGIN, ("吉林公主岭", "Gongzhuling, Jilin")), (KEEPS, MONTHS_12)],
        options: &[(SIZE, &[("8 根", "8 ears"), ("16 根", "16 ears")])],
        skus: &[(2890, 3690, 2100, 450, 1766), (5290, 6690, 4100, 240, 803)],
    },
];

const SNACKS: &[Article] = &[
    Article {
        code: "SNK-NUTS",
        motif: shape::nuts,
        tone: (26, 50, 46, 34),
        title: ("每日坚果 30 包混合装", "Daily nuts, 30 sachets"),
        subtitle: ("六种坚果果干，一天一包", "Six kinds, a sachet a day"),
        about: (
            "核桃仁、腰果、扁桃仁、榛子、蔓越莓、蓝莓干，科学配比，独立小包。",
            "Walnuts, cashews, almonds, hazelnuts, cranberries and blueberries, weighed and sealed by the day.",
        ),
        facts: &[(KEEPS, ("8 个月", "8 months")), (("净含量", "Net weight"), ("750 克", "750 g"))],
        options: &[(FLAVOUR, &[("经典", "Classic"), ("无糖果干", "No added sugar")])],
        skus: &[(9900, 12900, 900, 300, 3340), (10900, 13900, 900, 210, 1207)],
    },
    Article {
        code: "SNK-COOKIE",
        motif: shape::cookie,
        tone: (30, 58, 54, 352),
        title: ("海盐黄油曲奇", "Sea-salt butter cookies"),
        subtitle: ("真黄油，入口即化", "Real butter, gone in a moment"),
        about: (
            "新西兰黄油占比 30%，低温慢烤。甜中带一点海盐，不腻。",
            "A third of it is butter, baked slowly, with a little sea salt against the sweetness.",
        ),
        facts: &[(KEEPS, ("6 个月", "6 months")), (("黄油", "Butter"), ("30%", "30%"))],
        options: &[(FLAVOUR, &[("原味", "Plain"), ("抹茶", "Matcha"), ("可可", "Cocoa")])],
        skus: &[(3290, 3990, 380, 340, 1502), (3490, 4290, 380, 280, 944), (3490, 4290, 380, 260, 871)],
    },
    Article {
        code: "SNK-CHOC",
        motif: shape::chocolate,
        tone: (18, 46, 40, 196),
        title: ("72% 黑巧克力 海南可可", "72% dark chocolate, Hainan cocoa"),
        subtitle: ("单一产地，可可脂纯巧", "Single origin, nothing but cocoa butter"),
        about: (
            "海南兴隆可可豆，自烘自磨 48 小时。微苦、果酸、回甘。",
            "Beans from Xinglong, roasted and ground for 48 hours. Slightly bitter, a little fruit, a sweet end.",
        ),
        facts: &[(ORIGIN, ("海南兴隆", "Xinglong, Hainan")), (STORE, ("22℃ 以下", "Below 22 °C"))],
        options: &[(SIZE, &[("80 克", "80 g"), ("80 克 × 3", "3 × 80 g")])],
        skus: &[(2990, 3890, 110, 360, 732), (7990, 10900, 320, 180, 411)],
    },
    Article {
        code: "SNK-MOON",
        motif: shape::mooncake,
        tone: (34, 66, 54, 14),
        title: ("流心奶黄月饼 8 枚礼盒", "Custard lava mooncakes, box of eight"),
        subtitle: ("加热十秒，流心满溢", "Ten seconds warm and it flows"),
        about: (
            "港式奶黄，咸蛋黄现磨。独立包装，中秋送礼不出错。",
            "Hong Kong custard with freshly ground salted yolk, each wrapped by itself. The present that is never wrong.",
        ),
        facts: &[(KEEPS, ("60 天", "60 days")), (("净含量", "Net weight"), ("400 克", "400 g"))],
        options: &[],
        skus: &[(16800, 21800, 900, 60, 1950)],
    },
    Article {
        code: "SNK-MANGO",
        motif: shape::pouch,
        tone: (40, 88, 54, 30),
        title: ("厚切芒果干", "Thick-cut dried mango"),
        subtitle: ("果肉厚实，不齁甜", "All fruit, not all sugar"),
        about: ("凯特芒低温烘干，保留果香与嚼劲。", "Keitt mangoes dried slowly until they are chewy and still taste of mango."),
        facts: &[(ORIGIN, ("广西百色", "Baise, Guangxi")), (KEEPS, MONTHS_12)],
        options: &[(SIZE, &[("108 克", "108 g"), ("108 克 × 4", "4 × 108 g")])],
        skus: &[(1690, 2190, 130, 700, 4210), (5890, 7690, 520, 260, 1688)],
    },
    Article {
        code: "SNK-BEEF",
        motif: shape::pouch,
        tone: (6, 62, 42, 18),
        title: ("内蒙古风干牛肉", "Air-dried beef from Inner Mongolia"),
        subtitle: ("九成干，越嚼越香", "Nearly dry, better with every bite"),
        about: (
            "草原黄牛后腿肉，风干再炭烤。高蛋白，看球赶路都合适。",
            "Hind leg of grassland cattle, dried in the wind and finished over coals. For the match and for the road.",
        ),
        facts: &[(ORIGIN, ("内蒙古通辽", "Tongliao, Inner Mongolia")), (KEEPS, ("9 个月", "9 months"))],
        options: &[(FLAVOUR, &[("原味", "Plain"), ("香辣", "Spicy")]), (SIZE, &[("250 克", "250 g"), ("500 克", "500 g")])],
        skus: &[(6990, 8590, 290, 230, 1406), (12900, 15900, 560, 120, 689), (6990, 8590, 290, 220, 1280), (12900, 15900, 560, 110, 577)],
    },
    Article {
        code: "SNK-YOLK",
        motif: shape::mooncake,
        tone: (28, 62, 60, 44),
        title: ("咸蛋黄酥 12 枚", "Salted-yolk pastries, twelve"),
        subtitle: ("现烤现发，层层起酥", "Baked to order, layer on layer"),
        about: (
            "红豆沙裹整颗咸蛋黄，雪花酥皮一碰掉渣。冷藏口感更佳。",
            "A whole salted yolk in red bean paste under a crust that shatters. Better chilled.",
        ),
        facts: &[(KEEPS, ("15 天", "15 days")), (STORE, ("冷藏", "Chilled"))],
        options: &[(FLAVOUR, &[("红豆沙", "Red bean"), ("莲蓉", "Lotus paste")])],
        skus: &[(4590, 5990, 760, 180, 2033), (4890, 6290, 760, 150, 960)],
    },
    Article {
        code: "SNK-SEA",
        motif: shape::pouch,
        tone: (158, 44, 34, 130),
        title: ("夹心海苔脆 芝麻味", "Seaweed crisps with sesame"),
        subtitle: ("两片海苔夹坚果", "Nuts between two sheets"),
        about: (
            "头水紫菜低温烘烤，夹入芝麻、南瓜籽与扁桃仁碎。",
            "First-harvest laver, toasted gently, with sesame, pumpkin seeds and almonds in between.",
        ),
        facts: &[(ORIGIN, ("福建霞浦", "Xiapu, Fujian")), (KEEPS, ("10 个月", "10 months"))],
        options: &[],
        skus: &[(1990, 2590, 90, 640, 2671)],
    },
    Article {
        code: "SNK-CANDY",
        motif: shape::caddy,
        tone: (336, 60, 64, 200),
        title: ("手工牛轧糖 铁罐装", "Hand-made nougat in a tin"),
        subtitle: ("不粘牙，扁桃仁看得见", "Does not stick, nuts you can see"),
        about: (
            "麦芽糖熬煮，奶粉与扁桃仁现拌，切块独立包装。",
            "Malt sugar boiled down, folded with milk and almonds, cut and wrapped one by one.",
        ),
        facts: &[(KEEPS, ("8 个月", "8 months")), (("净含量", "Net weight"), ("300 克", "300 g"))],
        options: &[(FLAVOUR, &[("原味", "Plain"), ("蔓越莓", "Cranberry"), ("抹茶", "Matcha")])],
        skus: &[(3690, 4690, 420, 240, 655), (3890, 4890, 420, 210, 590), (3890, 4890, 420, 190, 402)],
    },
    Article {
        code: "SNK-BOX",
        motif: shape::giftbox,
        tone: (356, 66, 48, 44),
        title: ("年货坚果大礼盒 10 罐", "New Year nut box, ten tins"),
        subtitle: ("走亲访友，一盒体面", "One box, and the visit is made"),
        about: (
            "夏威夷果、碧根果、开心果、葡萄干等十罐，烫金礼盒配手提袋。",
            "Macadamias, pecans, pistachios, raisins: ten tins in a gilded box with a bag to carry it.",
        ),
        facts: &[(KEEPS, ("10 个月", "10 months")), (("净含量", "Net weight"), ("1.68 公斤", "1.68 kg"))],
        options: &[],
        skus: &[(19800, 26800, 2600, 120, 1377)],
    },
];

const HOME: &[Article] = &[
    Article {
        code: "HOM-WOK",
        motif: shape::wok,
        tone: (210, 12, 34, 8),
        title: ("章丘工艺手打铁锅 32 厘米", "Hand-hammered iron wok, 32 cm"),
        subtitle: ("无涂层，物理不粘", "No coating, and nothing sticks"),
        about: (
            "万次锤打，锅面如镜。开锅后越用越润，燃气电磁通用。",
            "Hammered ten thousand times until it shines. Season it once; it gets better with every meal, on gas or induction.",
        ),
        facts: &[(MATERIAL, ("精铁", "Refined iron")), (("直径", "Diameter"), ("32 厘米", "32 cm"))],
        options: &[(("锅盖", "Lid"), &[("不带盖", "Without lid"), ("带木盖", "With wooden lid")])],
        skus: &[(23900, 29900, 1700, 110, 486), (28900, 35900, 2500, 80, 302)],
    },
    Article {
        code: "HOM-FLASK",
        motif: shape::flask,
        tone: (212, 44, 46, 28),
        title: ("316 不锈钢保温杯 500 毫升", "316 steel vacuum flask, 500 ml"),
        subtitle: ("12 小时保温，一键开盖", "Warm for twelve hours, opens with a thumb"),
        about: (
            "医用级 316 内胆，茶垢一冲即净。磨砂杯身，单手可开。",
            "The inside is medical-grade steel that rinses clean. Matt outside, and one hand is enough.",
        ),
        facts: &[(MATERIAL, ("316 不锈钢", "316 stainless steel")), (("容量", "Holds"), ("500 毫升", "500 ml"))],
        options: &[(COLOUR, &[("雾蓝", "Mist blue"), ("曜黑", "Black"), ("樱粉", "Cherry pink")])],
        skus: &[(8900, 12900, 380, 260, 1820), (8900, 12900, 380, 310, 2240), (8900, 12900, 380, 190, 1322)],
    },
    Article {
        code: "HOM-TOWEL",
        motif: shape::towels,
        tone: (188, 38, 58, 18),
        title: ("新疆长绒棉毛巾 3 条装", "Xinjiang long-staple cotton towels, three"),
        subtitle: ("A 类标准，越洗越软", "Softer with every wash"),
        about: (
            "32 股无捻纱，吸水快不掉毛。婴儿可用的 A 类标准。",
            "Untwisted yarn that drinks quickly and does not shed; soft enough for a baby.",
        ),
        facts: &[(MATERIAL, ("100% 长绒棉", "100% long-staple cotton")), (("尺寸", "Size"), ("34 × 76 厘米", "34 × 76 cm"))],
        options: &[(COLOUR, &[("海雾", "Sea mist"), ("燕麦", "Oat")])],
        skus: &[(4590, 5990, 420, 420, 2514), (4590, 5990, 420, 390, 2107)],
    },
    Article {
        code: "HOM-PILLOW",
        motif: shape::pillow,
        tone: (222, 34, 62, 42),
        title: ("泰国天然乳胶枕", "Thai natural latex pillow"),
        subtitle: ("波浪护颈，透气不闷", "Follows the neck, lets the air through"),
        about: ("93% 天然乳胶，七区按摩颗粒。枕套可拆洗。", "93% natural latex in seven zones; the cover comes off for washing."),
        facts: &[(MATERIAL, ("天然乳胶", "Natural latex")), (ORIGIN, ("泰国", "Thailand"))],
        options: &[(("高度", "Height"), &[("8/10 厘米", "8/10 cm"), ("10/12 厘米", "10/12 cm")])],
        skus: &[(15900, 21900, 1300, 150, 902), (16900, 22900, 1500, 140, 1088)],
    },
    Article {
        code: "HOM-LAMP",
        motif: shape::lamp,
        tone: (36, 54, 58, 200),
        title: ("床头护眼小夜灯", "Bedside lamp, easy on the eyes"),
        subtitle: ("无极调光，暖白切换", "Dims all the way, warm or white"),
        about: (
            "触摸调光，断电记忆。布艺灯罩，光线柔和不刺眼。",
            "Dims at a touch and remembers where it was. A cloth shade keeps it gentle.",
        ),
        facts: &[(("功率", "Power"), ("6 瓦", "6 W")), (("色温", "Light"), ("2700-5000K", "2700-5000 K"))],
        options: &[(COLOUR, &[("亚麻", "Linen"), ("墨绿", "Dark green")])],
        skus: &[(11900, 15900, 900, 130, 512), (11900, 15900, 900, 90, 288)],
    },
    Article {
        code: "HOM-BOWL",
        motif: shape::bowls,
        tone: (216, 52, 48, 8),
        title: ("景德镇釉下彩餐具 16 头", "Jingdezhen tableware, 16 pieces"),
        subtitle: ("高温釉下彩，微波可用", "Painted under the glaze, microwave-safe"),
        about: (
            "四人食：饭碗、面碗、菜盘、汤勺。釉面温润，久洗不褪。",
            "For four: bowls small and large, plates and spoons. The glaze stays as it is, wash after wash.",
        ),
        facts: &[(ORIGIN, ("江西景德镇", "Jingdezhen, Jiangxi")), (MATERIAL, ("陶瓷", "Porcelain"))],
        options: &[(("花色", "Pattern"), &[("青花", "Blue and white"), ("樱草", "Primrose")])],
        skus: &[(19900, 25900, 5200, 85, 344), (19900, 25900, 5200, 70, 251)],
    },
    Article {
        code: "HOM-BASKET",
        motif: shape::basket,
        tone: (34, 46, 58, 196),
        title: ("手编藤条收纳篮", "Woven rattan basket"),
        subtitle: ("野餐、收纳两用", "For picnics and for tidying up"),
        about: (
            "天然藤条手工编织，内衬可拆。放玩具放零食都好看。",
            "Woven by hand with a lining that comes out. Toys or snacks, it looks good with both.",
        ),
        facts: &[(MATERIAL, ("天然藤", "Rattan"))],
        options: &[(SIZE, &[("小号", "Small"), ("中号", "Medium"), ("大号", "Large")])],
        skus: &[(4900, 6500, 600, 180, 410), (6900, 8900, 900, 160, 522), (8900, 11900, 1300, 90, 230)],
    },
    Article {
        code: "HOM-CANDLE",
        motif: shape::candle,
        tone: (268, 26, 66, 34),
        title: ("大豆蜡香薰蜡烛", "Scented soy candle"),
        subtitle: ("燃烧 45 小时，不冒黑烟", "Burns 45 hours, without soot"),
        about: (
            "植物大豆蜡，棉芯，三段香调。睡前点一支，慢慢安静下来。",
            "Plant wax, a cotton wick, three notes. Light one before bed and let the day go.",
        ),
        facts: &[(MATERIAL, ("大豆蜡", "Soy wax")), (("燃烧", "Burns"), ("45 小时", "45 hours"))],
        options: &[(("香型", "Scent"), &[("雪松", "Cedar"), ("白茶", "White tea"), ("桂花", "Osmanthus")])],
        skus: &[(6800, 8800, 380, 200, 644), (6800, 8800, 380, 230, 873), (6800, 8800, 380, 210, 790)],
    },
    Article {
        code: "HOM-QUILT",
        motif: shape::pillow,
        tone: (344, 34, 68, 210),
        title: ("桑蚕丝被 春秋款", "Mulberry silk quilt, spring and autumn"),
        subtitle: ("100% 桑蚕长丝", "Nothing but long silk"),
        about: (
            "手工拉网，轻盈贴身。双宫茧长丝，附检测报告。",
            "Drawn by hand, light and close. Double-cocoon silk, with the laboratory's report.",
        ),
        facts: &[(MATERIAL, ("100% 桑蚕丝", "100% mulberry silk")), (ORIGIN, ("浙江桐乡", "Tongxiang, Zhejiang"))],
        options: &[(SIZE, &[("150 × 200 厘米", "150 × 200 cm"), ("200 × 230 厘米", "200 × 230 cm"), ("220 × 240 厘米", "220 × 240 cm")])],
        skus: &[(45900, 59900, 1900, 60, 133), (59900, 79900, 2600, 55, 204), (69900, 89900, 3000, 40, 121)],
    },
    Article {
        code: "HOM-BOX",
        motif: shape::blocks,
        tone: (172, 34, 56, 30),
        title: ("桌面分格收纳盒 6 件套", "Desk organiser, six pieces"),
        subtitle: ("自由拼接，抽屉好整齐", "Put together as you like"),
        about: (
            "六个大小盒子随意组合，文具、首饰、充电线各归其位。",
            "Six boxes that fit each other: pens, rings and cables, each in its place.",
        ),
        facts: &[(MATERIAL, ("食品级 PP", "Food-grade PP"))],
        options: &[],
        skus: &[(2990, 3990, 640, 520, 1933)],
    },
];

const BABY: &[Article] = &[
    Article {
        code: "BAB-BOTTLE",
        motif: shape::babybottle,
        tone: (200, 54, 66, 344),
        title: ("PPSU 防胀气奶瓶", "PPSU anti-colic bottle"),
        subtitle: ("双排气阀，耐摔耐高温", "Two vents, survives falls and boiling"),
        about: (
            "仿母乳质感奶嘴，防呛奶。刻度清晰，可蒸汽消毒。",
            "A teat that feels right and does not choke. Clear marks; steam it as often as you like.",
        ),
        facts: &[(MATERIAL, ("PPSU", "PPSU")), (AGE, ("0 个月起", "From birth"))],
        options: &[(SIZE, &[("160 毫升", "160 ml"), ("240 毫升", "240 ml")]), (COLOUR, &[("湖蓝", "Lake blue"), ("蜜桃", "Peach")])],
        skus: &[(8900, 11900, 120, 210, 733), (8900, 11900, 120, 190, 690), (9900, 12900, 150, 240, 1106), (9900, 12900, 150, 200, 958)],
    },
    Article {
        code: "BAB-ONESIE",
        motif: shape::onesie,
        tone: (44, 62, 74, 352),
        title: ("新生儿纯棉连体衣 2 件装", "Cotton onesies, two"),
        subtitle: ("无骨缝制，A 类面料", "Flat seams, baby-safe cotton"),
        about: (
            "精梳棉双面布，裆部按扣，换尿布不折腾。",
            "Combed cotton inside and out, with poppers where they are needed at three in the morning.",
        ),
        facts: &[(MATERIAL, ("100% 精梳棉", "100% combed cotton"))],
        options: &[(("身高", "Height"), &[("59 厘米", "59 cm"), ("66 厘米", "66 cm"), ("73 厘米", "73 cm")])],
        skus: &[(7900, 9900, 180, 160, 620), (7900, 9900, 200, 180, 744), (8300, 10300, 220, 150, 581)],
    },
    Article {
        code: "BAB-BEAR",
        motif: shape::bear,
        tone: (28, 50, 60, 344),
        title: ("安抚小熊 可水洗", "Comfort bear, washable"),
        subtitle: ("陪睡神器，短绒不掉毛", "Sleeps along, sheds nothing"),
        about: (
            "PP 棉填充，刺绣五官无小零件，整只可机洗。",
            "Soft filling, an embroidered face without small parts, and the whole bear goes into the machine.",
        ),
        facts: &[(MATERIAL, ("短绒、PP 棉", "Plush, polyester filling")), (AGE, ("0 个月起", "From birth"))],
        options: &[(SIZE, &[("30 厘米", "30 cm"), ("50 厘米", "50 cm")])],
        skus: &[(5900, 7900, 260, 220, 910), (9900, 12900, 620, 120, 402)],
    },
    Article {
        code: "BAB-STROLLER",
        motif: shape::stroller,
        tone: (216, 32, 44, 36),
        title: ("轻便折叠婴儿推车 可登机", "Folding stroller, cabin size"),
        subtitle: ("5.8 公斤，一秒收车", "5.8 kg, folds in a second"),
        about: (
            "航空铝车架，五点式安全带，可坐可躺。收起能放行李架。",
            "An aluminium frame, a five-point belt, a seat that lies flat. Folded, it fits overhead.",
        ),
        facts: &[(MATERIAL, ("航空铝", "Aluminium")), (AGE, ("6-36 个月", "6-36 months"))],
        options: &[(COLOUR, &[("星空灰", "Grey"), ("奶茶", "Milk tea")])],
        skus: &[(69900, 89900, 7600, 45, 188), (69900, 89900, 7600, 38, 164)],
    },
    Article {
        code: "BAB-BLOCKS",
        motif: shape::blocks,
        tone: (6, 66, 62, 206),
        title: ("榉木积木 50 粒桶装", "Beech blocks, 50 in a tub"),
        subtitle: ("水性漆，圆角打磨", "Water-based paint, rounded edges"),
        about: ("认识形状颜色，搭出整座城市。桶盖是形状配对板。", "Shapes, colours, a whole city. The lid is a puzzle too."),
        facts: &[(MATERIAL, ("榉木", "Beech")), (AGE, ("18 个月起", "From 18 months"))],
        options: &[],
        skus: &[(9900, 12900, 1600, 140, 533)],
    },
    Article {
        code: "BAB-MILK",
        motif: shape::milktin,
        tone: (48, 70, 60, 206),
        title: ("儿童有机奶粉 4 段 800 克", "Organic growing-up milk, stage 4, 800 g"),
        subtitle: ("有机奶源，可溯源", "Organic, traced to the farm"),
        about: (
            "三岁以上儿童配方，含 DHA 与益生元。罐底扫码可查牧场。",
            "For children above three, with DHA and prebiotics. The code under the tin shows the farm.",
        ),
        facts: &[(AGE, ("3 岁以上", "From 3 years")), (KEEPS, ("24 个月", "24 months"))],
        options: &[(SIZE, &[("1 罐", "1 tin"), ("3 罐", "3 tins"), ("6 罐", "6 tins")])],
        skus: &[(25800, 29800, 1050, 180, 877), (74800, 88800, 3150, 90, 430), (145800, 175800, 6300, 40, 166)],
    },
    Article {
        code: "BAB-BOWL",
        motif: shape::babybowl,
        tone: (146, 44, 60, 26),
        title: ("宝宝吸盘辅食碗套装", "Suction bowl and spoon"),
        subtitle: ("打不翻，可微波", "Stays put, microwave-safe"),
        about: (
            "铂金硅胶，底部吸盘牢牢吸住桌面。附软勺和盖子。",
            "Platinum silicone with a foot that holds the table. Comes with a soft spoon and a lid.",
        ),
        facts: &[(MATERIAL, ("铂金硅胶", "Platinum silicone")), (AGE, ("6 个月起", "From 6 months"))],
        options: &[(COLOUR, &[("鼠尾草绿", "Sage"), ("奶油黄", "Cream")])],
        skus: &[(5900, 7900, 280, 260, 1044), (5900, 7900, 280, 250, 986)],
    },
    Article {
        code: "BAB-WIPES",
        motif: shape::maskpack,
        tone: (184, 46, 58, 200),
        title: ("婴儿手口湿巾 80 抽 × 6", "Baby wipes, 6 packs of 80"),
        subtitle: ("EDI 纯水，无酒精香精", "Pure water, no alcohol, no scent"),
        about: ("加厚珠纹布，一片擦干净。带盖锁水。", "Thick and dimpled: one is enough. A lid keeps them wet."),
        facts: &[(AGE, ("0 个月起", "From birth")), (KEEPS, ("36 个月", "36 months"))],
        options: &[],
        skus: &[(3990, 5490, 3100, 800, 5120)],
    },
    Article {
        code: "BAB-LOTION",
        motif: shape::pump,
        tone: (32, 56, 72, 130),
        title: ("宝宝保湿身体乳 300 毫升", "Baby body lotion, 300 ml"),
        subtitle: ("秋冬不干痒", "No itch in winter"),
        about: (
            "乳木果与燕麦精华，质地轻薄好推开，洗澡后三分钟内使用。",
            "Shea and oat, light and quickly spread; within three minutes of the bath.",
        ),
        facts: &[(SKIN, ("婴幼儿肌肤", "Babies' skin")), (KEEPS, ("36 个月", "36 months"))],
        options: &[],
        skus: &[(6900, 8900, 360, 300, 1255)],
    },
    Article {
        code: "BAB-BAG",
        motif: shape::basket,
        tone: (330, 28, 58, 200),
        title: ("大容量妈咪包", "Changing bag with room for all"),
        subtitle: ("20 个口袋，干湿分离", "Twenty pockets, wet kept from dry"),
        about: (
            "保温奶瓶仓、隐藏钱袋、推车挂钩，一包出门。",
            "A warm pocket for bottles, a hidden one for money, hooks for the stroller: one bag, and out.",
        ),
        facts: &[(MATERIAL, ("防泼水牛津布", "Water-repellent oxford"))],
        options: &[(COLOUR, &[("燕麦", "Oat"), ("雾霾蓝", "Smoke blue")])],
        skus: &[(16900, 21900, 980, 110, 377), (16900, 21900, 980, 95, 318)],
    },
];

const CARE: &[Article] = &[
    Article {
        code: "CAR-CREAM",
        motif: shape::jar,
        tone: (336, 42, 66, 140),
        title: ("山茶花修护面霜 50 克", "Camellia repair cream, 50 g"),
        subtitle: ("屏障修护，清爽不黏", "Repairs, and does not stick"),
        about: (
            "山茶籽油与神经酰胺，早晚一颗黄豆大小，换季不泛红。",
            "Camellia oil and ceramides. The size of a bean, morning and night, and the change of season passes unnoticed.",
        ),
        facts: &[(SKIN, ("干性、敏感肌", "Dry and sensitive")), (KEEPS, ("36 个月", "36 months"))],
        options: &[],
        skus: &[(12900, 16900, 180, 190, 830)],
    },
    Article {
        code: "CAR-HAND",
        motif: shape::tube,
        tone: (350, 52, 74, 336),
        title: ("护手霜四支装 花园系列", "Hand cream, set of four gardens"),
        subtitle: ("一支一种花香", "Every tube another flower"),
        about: (
            "玫瑰、茉莉、桂花、栀子。快速吸收，握手机不留印。",
            "Rose, jasmine, osmanthus, gardenia. Gone in a moment; the phone stays clean.",
        ),
        facts: &[(SKIN, ALL_SKIN), (("净含量", "Net weight"), ("30 克 × 4", "4 × 30 g"))],
        options: &[(SIZE, &[("4 支", "4 tubes"), ("8 支", "8 tubes")])],
        skus: &[(3990, 5490, 190, 420, 2230), (6990, 9490, 370, 210, 760)],
    },
    Article {
        code: "CAR-LIP",
        motif: shape::lipstick,
        tone: (354, 66, 46, 12),
        title: ("丝绒雾面口红", "Velvet matt lipstick"),
        subtitle: ("不拔干，黄皮友好", "Does not dry, kind to warm skin"),
        about: (
            "轻薄雾面，一抹成色。豆沙、枫叶、正红三色，日常通勤都合适。",
            "Light and matt, colour in one stroke. Rosewood, maple and a true red, for every day and for the others.",
        ),
        facts: &[(("质地", "Finish"), ("雾面", "Matt")), (KEEPS, ("36 个月", "36 months"))],
        options: &[(("色号", "Shade"), &[("01 豆沙", "01 Rosewood"), ("02 枫叶", "02 Maple"), ("03 正红", "03 True red")])],
        skus: &[(7900, 9900, 40, 260, 1730), (7900, 9900, 40, 250, 1544), (7900, 9900, 40, 230, 1402)],
    },
    Article {
        code: "CAR-MASK",
        motif: shape::maskpack,
        tone: (174, 36, 56, 200),
        title: ("玻尿酸补水面膜 20 片", "Hyaluronic sheet masks, twenty"),
        subtitle: ("25 毫升精华，蚕丝膜布", "25 ml of serum on silk-thin cloth"),
        about: (
            "三重玻尿酸，敷完不用洗。晒后、出差、熬夜急救。",
            "Three kinds of hyaluronic acid and nothing to rinse off. After the sun, the flight or the night.",
        ),
        facts: &[(SKIN, ALL_SKIN), (("精华", "Serum"), ("25 毫升/片", "25 ml each"))],
        options: &[(("功效", "For"), &[("补水", "Moisture"), ("舒缓", "Calm")])],
        skus: &[(6900, 9900, 640, 380, 3012), (6900, 9900, 640, 340, 2277)],
    },
    Article {
        code: "CAR-SERUM",
        motif: shape::dropper,
        tone: (30, 68, 58, 24),
        title: ("15% 维 C 精华 30 毫升", "15% vitamin C serum, 30 ml"),
        subtitle: ("提亮抗氧，小样试用", "Brightens; try the small one first"),
        about: (
            "原型维 C 配阿魏酸，避光滴管瓶。早上用记得防晒。",
            "Pure vitamin C with ferulic acid in a dark dropper. In the morning, with sun cream.",
        ),
        facts: &[(SKIN, ("油性、混合性", "Oily and mixed")), (STORE, ("避光冷藏", "Dark and chilled"))],
        options: &[(SIZE, &[("10 毫升", "10 ml"), ("30 毫升", "30 ml")])],
        skus: &[(5900, 7900, 60, 240, 1110), (14900, 19900, 120, 160, 864)],
    },
    Article {
        code: "CAR-SOAP",
        motif: shape::soap,
        tone: (96, 34, 54, 60),
        title: ("冷制手工皂 艾草", "Cold-process soap, mugwort"),
        subtitle: ("橄榄油底，温和不紧绷", "Olive oil, leaves no tightness"),
        about: ("60 天自然晾皂，保留甘油。沐浴洁面都可用。", "Cured for 60 days with its glycerine left in. For the body and the face."),
        facts: &[(SKIN, ALL_SKIN), (("净含量", "Net weight"), ("100 克", "100 g"))],
        options: &[(SIZE, &[("1 块", "1 bar"), ("4 块", "4 bars")])],
        skus: &[(2590, 3290, 120, 360, 1466), (8990, 11900, 470, 150, 588)],
    },
    Article {
        code: "CAR-BRUSH",
        motif: shape::toothbrush,
        tone: (32, 50, 60, 190),
        title: ("竹柄软毛牙刷 4 支装", "Bamboo toothbrushes, four"),
        subtitle: ("万根细毛，护龈不出血", "Ten thousand bristles, kind to gums"),
        about: (
            "可降解竹柄，0.01 毫米纤细刷毛，独立纸盒。",
            "A handle that rots away, bristles of a hundredth of a millimetre, a paper box for each.",
        ),
        facts: &[(MATERIAL, ("竹、PBT", "Bamboo, PBT"))],
        options: &[(("刷毛", "Bristles"), &[("软毛", "Soft"), ("超软", "Very soft")])],
        skus: &[(1990, 2990, 90, 600, 3350), (1990, 2990, 90, 560, 2870)],
    },
    Article {
        code: "CAR-SHAMPOO",
        motif: shape::pump,
        tone: (268, 30, 50, 96),
        title: ("氨基酸洗发水 500 毫升", "Amino acid shampoo, 500 ml"),
        subtitle: ("无硅油，蓬松到第二天", "No silicone, volume till tomorrow"),
        about: ("氨基酸表活温和清洁，生姜何首乌护根。", "Mild amino acids to clean, ginger and fo-ti for the roots."),
        facts: &[(("发质", "For hair"), ("油性、细软", "Oily and fine")), (KEEPS, ("36 个月", "36 months"))],
        options: &[(("香型", "Scent"), &[("青竹", "Bamboo"), ("白桃", "White peach")])],
        skus: &[(5990, 7990, 580, 330, 1904), (5990, 7990, 580, 310, 1733)],
    },
    Article {
        code: "CAR-COMB",
        motif: shape::comb,
        tone: (22, 48, 40, 40),
        title: ("绿檀木按摩梳", "Sandalwood comb"),
        subtitle: ("整木打磨，不起静电", "One piece of wood, no static"),
        about: (
            "天然绿檀，温润有香，圆齿按摩头皮。附布袋礼盒。",
            "Green sandalwood, warm and fragrant, with round teeth. In a pouch, in a box.",
        ),
        facts: &[(MATERIAL, ("绿檀木", "Verawood"))],
        options: &[],
        skus: &[(6800, 8800, 110, 170, 611)],
    },
    Article {
        code: "CAR-SET",
        motif: shape::giftbox,
        tone: (320, 40, 60, 44),
        title: ("洗护旅行套装礼盒", "Travel care set in a box"),
        subtitle: ("六件小样，登机刚好", "Six small things, just right for the cabin"),
        about: (
            "洗发、护发、沐浴、身体乳、护手霜、面膜，一盒带走。",
            "Shampoo, conditioner, shower gel, lotion, hand cream and a mask: take the box and go.",
        ),
        facts: &[(SKIN, ALL_SKIN), (("件数", "Pieces"), ("6 件", "6"))],
        options: &[],
        skus: &[(8900, 11900, 620, 200, 742)],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_combination_has_its_sku_and_every_price_is_sensible() {
        let all: Vec<&Article> = SHELVES.iter().flat_map(|shelf| shelf.articles).collect();
        assert_eq!((SHELVES.len(), all.len()), (6, 60));
        assert_eq!(all.iter().map(|article| article.code).collect::<BTreeSet<_>>().len(), 60);
        for article in all {
            let combinations: usize = article.options.iter().map(|(_, values)| values.len()).product();
            assert_eq!(article.skus.len(), combinations, "{}", article.code);
            assert!((1..=6).contains(&combinations), "{}", article.code);
            assert!(article.skus.iter().all(|(price, market, ..)| 100 <= *price && price < market), "{}", article.code);
        }
    }
}
