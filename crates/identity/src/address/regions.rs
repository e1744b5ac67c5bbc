//! Every province, city, district and street office of the official list, and how to find them at the beginning of a text.

use std::{collections::HashMap, io::Read, ops::Range, sync::LazyLock};

use flate2::read::GzDecoder;

/// Made by `tools/regions/pack.mjs`.
const PACKED: &[u8] = include_bytes!("regions.gz");

/// How deep a region lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// 浙江省, 北京市.
    Province,
    /// 杭州市, 恩施土家族苗族自治州.
    City,
    /// 西湖区, 昆山市, 长兴县.
    District,
    /// 蒋村街道, 玉山镇.
    Street,
}

/// The district of a city that has none: nobody says it.
const FILLER: &str = "市辖区";

struct Node {
    /// Where its name lies in the text.
    name: Range<u32>,
    /// The number its code begins with, and how many digits of it count.
    code: u32,
    level: Level,
    parent: Option<u32>,
    /// Those inside it, one after the other only within a level: a list.
    parts: Vec<u32>,
}

/// All regions.
pub struct Regions {
    text: String,
    nodes: Vec<Node>,
    provinces: Vec<u32>,
    by_code: HashMap<(u32, Level), u32>,
    /// What people call provinces, cities and districts, whole and short.
    names: Trie,
}

/// A region.
#[derive(Clone, Copy)]
pub struct Region<'a> {
    all: &'a Regions,
    index: u32,
}

/// The regions, unpacked at the first use.
pub fn get() -> &'static Regions {
    static REGIONS: LazyLock<Regions> = LazyLock::new(Regions::unpack);
    &REGIONS
}

/// What a text begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// The deepest region it names.
    pub region: Region<'a>,
    /// How many bytes of the text name it.
    pub length: usize,
    /// How many levels it names.
    pub named: usize,
}

impl Regions {
    fn unpack() -> Self {
        let mut text = String::new();
        GzDecoder::new(PACKED).read_to_string(&mut text).expect("the packed regions are whole: a test unpacks them");
        let mut nodes: Vec<Node> = Vec::new();
        let mut provinces = Vec::new();
        // The latest province, city and district, and the digits of the latest six-digit one.
        let (mut province, mut city, mut district) = (None, None, None);
        let (mut two, mut six) = (0, 0);
        let mut at = 0;
        for line in text.split('\n') {
            let digits = |count: usize| line.get(1..=count).and_then(|digits| digits.parse::<u32>().ok()).unwrap_or(0);
            let index = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
            let (level, own, code, parent) = match line.as_bytes().first() {
                Some(b'P') => {
                    (two, city, district, province) = (digits(2), None, None, Some(index));
                    (Level::Province, 2, two, None)
                }
                Some(b'C') => {
                    (city, district) = (Some(index), None);
                    six = (two * 100 + digits(2)) * 100;
                    (Level::City, 2, six / 100, province)
                }
                Some(b'A') => {
                    // The numbers of districts directly under a province are of a city that is none.
                    let inside = city.filter(|&city: &u32| nodes[city as usize].code == two * 100 + digits(4) / 100);
                    (six, district) = (two * 10_000 + digits(4), Some(index));
                    (Level::District, 4, six, inside.or(province))
                }
                _ => (Level::Street, 3, six * 1_000 + digits(3), district.or(city)),
            };
            let start = u32::try_from(at + 1 + own).unwrap_or(u32::MAX);
            let end = u32::try_from(at + line.len()).unwrap_or(u32::MAX);
            nodes.push(Node { name: start..end, code, level, parent, parts: Vec::new() });
            match parent {
                Some(parent) => nodes[parent as usize].parts.push(index),
                None => provinces.push(index),
            }
            at += line.len() + 1;
        }
        let by_code = (0..).zip(&nodes).map(|(index, node)| ((node.code, node.level), index)).collect();
        let mut regions = Self { text, nodes, provinces, by_code, names: Trie::default() };
        let mut names = Trie::default();
        for (index, node) in (0..).zip(&regions.nodes).filter(|(_, node)| node.level < Level::Street) {
            for name in calls(regions.name(node), node.level) {
                names.insert(&name, index);
            }
        }
        regions.names = names;
        regions
    }

    fn name(&self, node: &Node) -> &str {
        self.text.get(node.name.start as usize..node.name.end as usize).unwrap_or_default()
    }

    fn region(&self, index: u32) -> Region<'_> {
        Region { all: self, index }
    }

    /// The provinces, in the order of their codes.
    pub fn provinces(&self) -> impl Iterator<Item = Region<'_>> {
        self.provinces.iter().map(|&index| self.region(index))
    }

    /// The region with this code of 2, 4, 6 or 9 digits; longer forms filled up with zeros are understood.
    pub fn by_code(&self, code: &str) -> Option<Region<'_>> {
        if !code.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let level = match code.len() {
            2 => Level::Province,
            4 => Level::City,
            6 => Level::District,
            9 => Level::Street,
            _ => return None,
        };
        let number = code.parse().ok()?;
        let exact = self.by_code.get(&(number, level)).map(|&index| self.region(index));
        match (exact, level) {
            (Some(region), _) => Some(region),
            (None, Level::District) if code.ends_with("0000") => self.by_code(&code[..2]),
            (None, Level::District) if code.ends_with("00") => self.by_code(&code[..4]),
            (None, _) => None,
        }
    }

    /// The code of the region a text names from its beginning to its end, as deep as it does without doubt.
    pub fn code_of(&self, text: &str) -> Option<String> {
        let text: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, ',' | '，' | '/' | '-')).collect();
        self.find(&text).map(|found| found.region.code())
    }

    /// The region a text begins with: each level by its whole name or what people call it, levels may be left out as long
    /// as only one region is meant. Of several readings the one that explains the most text counts.
    pub fn find<'a>(&'a self, text: &str) -> Option<Found<'a>> {
        let mut best: Option<Found<'a>> = None;
        let mut doubt = false;
        for (index, length) in self.names.prefixes(text) {
            let found = self.go_on(text, Found { region: self.region(index), length, named: 1 });
            let better = best.is_none_or(|best| rank(&found) > rank(&best));
            let same = best.is_some_and(|best| rank(&found) == rank(&best) && found.region.index != best.region.index);
            if better {
                (best, doubt) = (Some(found), false);
            } else if same {
                doubt = true;
            }
        }
        best.filter(|_| !doubt)
    }

    /// Reads on behind a region: one inside it, or one inside one inside it.
    fn go_on<'a>(&'a self, text: &str, found: Found<'a>) -> Found<'a> {
        let rest = &text[found.length..];
        let skipped = rest.len() - rest.trim_start_matches(is_separator).len();
        let rest = &rest[skipped..];
        let mut best = found;
        let mut doubt = false;
        let mut see = |next: Found<'a>| {
            if rank(&next) > rank(&best) {
                (best, doubt) = (next, false);
            } else if rank(&next) == rank(&best) && next.region.index != best.region.index && next.length > found.length {
                doubt = true;
            }
        };
        // 北京市北京市朝阳区, 上海市市辖区徐汇区: the province again, in the place of the city.
        if found.named == 1 && found.region.node().level == Level::Province {
            let again = calls(found.region.name(), Level::Province).into_iter().chain(["市辖区".to_owned(), "县".to_owned()]);
            if let Some(name) = again.filter(|name| rest.starts_with(name.as_str())).max_by_key(String::len) {
                let length = found.length + skipped + name.len();
                see(self.go_on(text, Found { length, named: 2, ..found }));
            }
        }
        for inside in found.region.reachable() {
            let node = inside.node();
            let called = calls(inside.name(), node.level).into_iter().filter(|name| rest.starts_with(name.as_str())).map(|name| name.len());
            if let Some(length) = called.max() {
                let next = Found { region: inside, length: found.length + skipped + length, named: found.named + 1 };
                see(self.go_on(text, next));
            }
        }
        if doubt { found } else { best }
    }
}

/// What explains more of a text is better; of what explains the same, what names more levels, then what lies higher.
fn rank(found: &Found<'_>) -> (usize, usize, std::cmp::Reverse<Level>) {
    (found.length, found.named, std::cmp::Reverse(found.region.node().level))
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '/' | '·' | ',' | '，')
}

impl<'a> Region<'a> {
    fn node(self) -> &'a Node {
        &self.all.nodes[self.index as usize]
    }

    /// Its name.
    pub fn name(self) -> &'a str {
        self.all.name(self.node())
    }

    /// Its official code: 2, 4, 6 or 9 digits.
    pub fn code(self) -> String {
        let code = self.node().code;
        match self.node().level {
            Level::Province => format!("{code:02}"),
            Level::City => format!("{code:04}"),
            Level::District => format!("{code:06}"),
            Level::Street => format!("{code:09}"),
        }
    }

    /// How deep it lies.
    pub fn level(self) -> Level {
        self.node().level
    }

    /// Those inside it, in the order of their codes.
    pub fn parts(self) -> impl Iterator<Item = Region<'a>> {
        self.node().parts.iter().map(move |&index| self.all.region(index))
    }

    /// What it lies in.
    pub fn parent(self) -> Option<Region<'a>> {
        self.node().parent.map(|index| self.all.region(index))
    }

    /// It and what it lies in, the widest first.
    pub fn path(self) -> Vec<Region<'a>> {
        let mut path: Vec<Self> = std::iter::successors(Some(self), |region| region.parent()).collect();
        path.reverse();
        path
    }

    /// The names of its path as one text: 浙江省杭州市西湖区.
    pub fn full_name(self) -> String {
        self.path().into_iter().map(Region::name).filter(|name| *name != FILLER).collect()
    }

    /// Those a text may name next: inside it, and inside those that a text may leave out. Streets only of a district or a
    /// city without districts, because their names repeat everywhere.
    fn reachable(self) -> Vec<Region<'a>> {
        let mut found: Vec<Self> = self.parts().collect();
        found.extend(self.parts().filter(|part| part.name() == FILLER).flat_map(Region::parts));
        if self.level() < Level::City {
            found.extend(self.parts().filter(|part| part.level() == Level::City).flat_map(Region::parts));
            found.retain(|part| part.level() < Level::Street);
        }
        found
    }
}

impl PartialEq for Region<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}

impl Eq for Region<'_> {}

impl std::fmt::Debug for Region<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.code(), self.full_name())
    }
}

/// The peoples whose names regions carry, the longer before those they contain.
const PEOPLES: [&str; 57] = [
    "柯尔克孜",
    "塔吉克族",
    "哈萨克族",
    "达斡尔族",
    "鄂温克族",
    "鄂伦春族",
    "保安族",
    "东乡族",
    "撒拉族",
    "土家族",
    "维吾尔族",
    "蒙古族",
    "布依族",
    "朝鲜族",
    "哈尼族",
    "傈僳族",
    "拉祜族",
    "纳西族",
    "景颇族",
    "布朗族",
    "仫佬族",
    "毛南族",
    "仡佬族",
    "锡伯族",
    "裕固族",
    "畲族",
    "藏族",
    "苗族",
    "彝族",
    "壮族",
    "侗族",
    "瑶族",
    "白族",
    "傣族",
    "黎族",
    "佤族",
    "水族",
    "羌族",
    "怒族",
    "回族",
    "满族",
    "土族",
    "独龙族",
    "普米族",
    "阿昌族",
    "基诺族",
    "德昂族",
    "京族",
    "蒙古",
    "哈萨克",
    "柯尔克孜族",
    "塔吉克",
    "锡伯",
    "维吾尔",
    "达斡尔",
    "各族",
    "门巴族",
];

/// What people call a region, its whole name first.
fn calls(name: &str, level: Level) -> Vec<String> {
    let mut calls = vec![name.to_owned()];
    let short = |rest: &str| (rest.chars().count() >= 2).then(|| rest.to_owned());
    match level {
        Level::Province => {
            let rest = ["维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "特别行政区", "省", "市"]
                .iter()
                .find_map(|tail| name.strip_suffix(tail));
            calls.extend(rest.and_then(short));
        }
        Level::City => {
            if let Some(rest) = name.strip_suffix("自治州") {
                let rest = without_peoples(rest);
                calls.extend(short(&rest));
                calls.push(format!("{rest}州"));
            } else {
                calls.extend(["地区", "市", "盟"].iter().find_map(|tail| name.strip_suffix(tail)).and_then(short));
            }
        }
        Level::District => {
            if let Some(rest) = name.strip_suffix("自治县") {
                let rest = without_peoples(rest);
                calls.extend(short(&rest));
                calls.push(format!("{rest}县"));
            } else {
                // 浦东 for 浦东新区, 昆山 for 昆山市, 桐庐 for 桐庐县; never 西湖 for 西湖区: that is a lake.
                calls.extend(["新区", "市", "县"].iter().find_map(|tail| name.strip_suffix(tail)).and_then(short));
            }
        }
        Level::Street => {
            if name.ends_with("街道") {
                calls.extend([format!("{name}办事处"), format!("{name}办")]);
            }
        }
    }
    calls
}

fn without_peoples(name: &str) -> String {
    let mut rest = name;
    while let Some(shorter) = PEOPLES.iter().filter_map(|people| rest.strip_suffix(people)).min_by_key(|rest| rest.len()) {
        if shorter.is_empty() {
            break;
        }
        rest = shorter;
    }
    rest.to_owned()
}

/// Names by their first, second, third … character.
#[derive(Default)]
struct Trie {
    /// Of each node: which regions end here.
    ends: Vec<Vec<u32>>,
    /// From a node by a character to a node.
    next: HashMap<(u32, char), u32>,
}

impl Trie {
    fn insert(&mut self, name: &str, region: u32) {
        if self.ends.is_empty() {
            self.ends.push(Vec::new());
        }
        let mut at = 0;
        for c in name.chars() {
            let fresh = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
            at = *self.next.entry((at, c)).or_insert(fresh);
            if at == fresh {
                self.ends.push(Vec::new());
            }
        }
        self.ends[at as usize].push(region);
    }

    /// Every region a text begins with, and how many bytes name it.
    fn prefixes(&self, text: &str) -> Vec<(u32, usize)> {
        let mut found = Vec::new();
        let mut at = 0;
        for (i, c) in text.char_indices() {
            let Some(&next) = self.next.get(&(at, c)) else { break };
            at = next;
            found.extend(self.ends[at as usize].iter().map(|&region| (region, i + c.len_utf8())));
        }
        found
    }
}
