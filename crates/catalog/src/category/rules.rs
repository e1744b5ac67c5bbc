//! What makes shelves a tree.

use std::collections::{HashMap, HashSet};

use kernel::{CategoryId, Detail, Locale, LocalizedText, Refusal};

/// Shelves on shelves on shelves on shelves, and no more.
pub const MOST_DEEP: usize = 4;

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 40;

/// Why a shelf is not put there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such shelf.
    #[error("there is no such category")]
    NotFound,
    /// It has no Chinese name, or a long one.
    #[error("a category needs a Chinese name of at most {LONGEST_NAME} characters")]
    Name,
    /// There is no such shelf to stand on.
    #[error("there is no such parent")]
    NoParent,
    /// It would stand on itself.
    #[error("a category cannot stand below itself")]
    Cycle,
    /// It would be too deep.
    #[error("categories are at most {MOST_DEEP} deep")]
    TooDeep,
    /// Shelves or products still stand on it.
    #[error("the category is not empty")]
    NotEmpty,
    /// There is no such picture.
    #[error("there is no such picture")]
    NoIcon,
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "CATEGORY_NOT_FOUND",
            Self::Name => "CATEGORY_NAME_INVALID",
            Self::NoParent => "CATEGORY_NO_SUCH_PARENT",
            Self::Cycle => "CATEGORY_CYCLE",
            Self::TooDeep => "CATEGORY_TOO_DEEP",
            Self::NotEmpty => "CATEGORY_NOT_EMPTY",
            Self::NoIcon => "CATEGORY_NO_SUCH_ICON",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound | Self::NotEmpty => Some("id"),
            Self::Name => Some("name"),
            Self::NoParent | Self::Cycle | Self::TooDeep => Some("parentId"),
            Self::NoIcon => Some("iconId"),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Name => Detail::Limit(i64::try_from(LONGEST_NAME).unwrap_or(i64::MAX)),
            Self::TooDeep => Detail::Limit(i64::try_from(MOST_DEEP).unwrap_or(i64::MAX)),
            _ => Detail::None,
        }
    }
}

/// Who stands on whom.
#[derive(Clone, Debug, Default)]
pub struct Tree(HashMap<CategoryId, Option<CategoryId>>);

impl FromIterator<(CategoryId, Option<CategoryId>)> for Tree {
    fn from_iter<I: IntoIterator<Item = (CategoryId, Option<CategoryId>)>>(shelves: I) -> Self {
        Self(shelves.into_iter().collect())
    }
}

impl Tree {
    /// The shelf and everything on it.
    pub fn with_descendants(&self, id: CategoryId) -> Vec<CategoryId> {
        let mut found = vec![id];
        let mut seen = HashSet::from([id]);
        let mut next = 0;
        while let Some(&parent) = found.get(next) {
            let mut children: Vec<_> =
                self.0.iter().filter(|(child, p)| **p == Some(parent) && !seen.contains(child)).map(|(c, _)| *c).collect();
            children.sort_unstable();
            seen.extend(&children);
            found.extend(children);
            next += 1;
        }
        found
    }

    /// The shelf and those it stands on, up to the top.
    pub fn with_ancestors(&self, id: CategoryId) -> Vec<CategoryId> {
        let up = |shelf: &CategoryId| self.0.get(shelf).copied().flatten();
        std::iter::successors(Some(id), up).take(MOST_DEEP).collect()
    }

    /// Whether a shelf stands on it.
    pub fn has_children(&self, id: CategoryId) -> bool {
        self.0.values().any(|parent| *parent == Some(id))
    }

    /// Whether `moved` (none: a new shelf) may stand on `parent`.
    pub fn check(&self, moved: Option<CategoryId>, parent: Option<CategoryId>) -> Result<(), Refused> {
        let Some(parent) = parent else {
            return Ok(());
        };
        if !self.0.contains_key(&parent) {
            return Err(Refused::NoParent);
        }
        if moved.is_some_and(|moved| self.with_descendants(moved).contains(&parent)) {
            return Err(Refused::Cycle);
        }
        let above = std::iter::successors(Some(parent), |id| self.0.get(id).copied().flatten()).take(MOST_DEEP + 1).count();
        if above + moved.map_or(1, |moved| self.height(moved)) > MOST_DEEP {
            return Err(Refused::TooDeep);
        }
        Ok(())
    }

    /// How many shelves stand on each other from here on, itself included.
    fn height(&self, id: CategoryId) -> usize {
        let mut level = vec![id];
        let mut height = 0;
        while !level.is_empty() && height <= MOST_DEEP {
            height += 1;
            level = self.0.iter().filter(|(_, parent)| parent.is_some_and(|p| level.contains(&p))).map(|(child, _)| *child).collect();
        }
        height
    }
}

/// A name people can read.
pub fn check_name(name: &LocalizedText) -> Result<(), Refused> {
    let chinese = name.0.get(&Locale::ZhCn).is_some_and(|name| !name.trim().is_empty());
    if chinese && name.0.values().all(|name| name.chars().count() <= LONGEST_NAME) { Ok(()) } else { Err(Refused::Name) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(n: u8) -> CategoryId {
        CategoryId(uuid::Uuid::from_u128(u128::from(n)))
    }

    fn tree(shelves: &[(u8, u8)]) -> Tree {
        shelves.iter().map(|&(child, parent)| (id(child), (parent > 0).then(|| id(parent)))).collect()
    }

    #[test]
    fn a_shelf_does_not_stand_on_itself_nor_too_deep() {
        let tree = tree(&[(1, 0), (2, 1), (3, 2), (4, 3), (5, 0), (6, 5)]);
        assert_eq!(tree.check(Some(id(1)), Some(id(1))), Err(Refused::Cycle));
        assert_eq!(tree.check(Some(id(1)), Some(id(4))), Err(Refused::Cycle));
        assert_eq!(tree.check(None, Some(id(9))), Err(Refused::NoParent));
        assert_eq!(tree.check(None, Some(id(4))), Err(Refused::TooDeep));
        assert_eq!(tree.check(None, Some(id(3))), Ok(()));
        assert_eq!(tree.check(Some(id(5)), Some(id(3))), Err(Refused::TooDeep));
        assert_eq!(tree.check(Some(id(5)), Some(id(2))), Ok(()));
        assert_eq!(tree.check(Some(id(4)), None), Ok(()));
        assert_eq!(tree.with_descendants(id(2)), [id(2), id(3), id(4)]);
    }

    #[test]
    fn names_are_chinese_first_and_short() {
        assert_eq!(check_name(&LocalizedText::new("茶", "Tea")), Ok(()));
        assert_eq!(check_name(&LocalizedText::new(" ", "Tea")), Err(Refused::Name));
        assert_eq!(check_name(&LocalizedText::new("茶".repeat(41), "")), Err(Refused::Name));
        assert_eq!(check_name(&LocalizedText::default()), Err(Refused::Name));
    }

    proptest! {
        #[test]
        fn however_shelves_are_moved_they_stay_a_tree(moves in prop::collection::vec((1..8_u8, 0..8_u8), 0..60)) {
            let mut shelves: HashMap<CategoryId, Option<CategoryId>> = (1..8).map(|n| (id(n), None)).collect();
            for (child, parent) in moves {
                let parent = (parent > 0).then(|| id(parent));
                if Tree(shelves.clone()).check(Some(id(child)), parent).is_ok() {
                    shelves.insert(id(child), parent);
                }
            }
            for start in shelves.keys() {
                let way = std::iter::successors(Some(*start), |at| shelves[at]).take(20).count();
                prop_assert!(way <= MOST_DEEP, "{way} steps to the top");
            }
        }
    }
}
