//! What GraphiQL opens with: one tab each, in the order one would try them.

use super::graphiql::Example;

/// For shoppers.
pub(super) const SHOP: &[Example] = &[
    Example {
        query: "\
# What is on the shelves, in the language of your browser. Ctrl-Enter runs it.
query Shelves {
  categories { id name }
  products(first: 5) {
    edges { node { id title subtitle } }
    pageInfo { hasNextPage endCursor }
  }
}
",
        variables: "",
        ask: "",
        headers: "",
    },
    Example {
        query: "\
# The group buys that run now.
query GroupBuys {
  groupBuys(first: 5) {
    edges { node { id title state openTeamCount } }
  }
}
",
        variables: "",
        ask: "",
        headers: "",
    },
    Example {
        query: "\
# LIVE: the teams of a campaign that still want members. Run it, then join a team on the first page of the mall: the
# answer here changes as the seat fills.
subscription OpenTeams($groupBuyId: ID!) {
  groupBuyOpenTeams(groupBuyId: $groupBuyId) {
    cursor
    gap
    serverTime
    teams { id needed deadline leader { nickname } }
  }
}
",
        variables: "{\n  \"groupBuyId\": \"$.groupBuys.edges.0.node.id\"\n}",
        ask: "{ groupBuys(first: 1) { edges { node { id } } } }",
        headers: "",
    },
    Example {
        query: "\
# LIVE: one team, seat by seat, until it forms or fails. Take its id from the tab before.
subscription Team($id: ID!) {
  groupBuyTeamProgress(id: $id) {
    cursor
    gap
    serverTime
    team { id state size needed deadline leader { nickname } }
  }
}
",
        variables: "{\n  \"id\": \"gbt_…\"\n}",
        ask: "",
        headers: "",
    },
];

/// For staff.
pub(super) const ADMIN: &[Example] = &[
    Example {
        query: "\
# Sign in with the account `make run` printed; put the access token into the headers of the other tabs.
mutation SignIn($email: String!, $password: String!) {
  staffSignIn(input: { email: $email, password: $password }) {
    session { accessToken accessExpiresAt }
    userErrors { code message }
  }
}
",
        variables: "{\n  \"email\": \"demo@liebian.example\",\n  \"password\": \"\"\n}",
        ask: "",
        headers: "",
    },
    Example {
        query: "\
# How the background work stands, and what the books say.
query Health {
  systemHealth { verdict eventsWaiting jobsDue jobsParked }
  ledgerBalances { account balance { amount currency } }
  ledgerTip { height sealedAt unsealed }
}
",
        variables: "",
        ask: "",
        headers: "{\n  \"authorization\": \"Bearer …\"\n}",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_an_operation_of_its_schema() {
        for (examples, sdl) in [(SHOP, schema::shop_sdl()), (ADMIN, schema::admin_sdl())] {
            for example in examples {
                let parsed = async_graphql::parser::parse_query(example.query).expect(example.query);
                for (_, operation) in parsed.operations.iter() {
                    for selected in &operation.node.selection_set.node.items {
                        let async_graphql::parser::types::Selection::Field(field) = &selected.node else { continue };
                        let name = &field.node.name.node;
                        let known = sdl.lines().any(|line| line.starts_with('\t') && line.trim_start().starts_with(name.as_str()));
                        assert!(known, "{name}");
                    }
                }
            }
        }
    }
}
