//! In which city a team's leader lives, for those who look for teams near them.

pub(super) const SQL: &str = "ALTER TABLE group_buy_team ADD COLUMN city_code text";
