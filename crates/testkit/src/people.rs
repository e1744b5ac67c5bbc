//! The people of a test: shoppers by name, staff by what they may do.

use std::{collections::BTreeSet, ops::Deref};

use identity::{
    customer::demo::{self, DemoCustomer},
    session::service::authenticate,
    staff::{access, service},
};
use kernel::{Actor, CustomerId, Permission};
use platform::{Op, crypto::random_bytes};

use crate::{client::Client, mall::Mall};

/// The owner's way in.
pub const OWNER: (&str, &str) = ("owner@mall.example", "correct horse battery staple");

/// A signed-in customer: asks as [`Client`].
#[derive(Clone, Debug)]
pub struct Customer {
    /// Who.
    pub id: CustomerId,
    /// What they are called in the test.
    pub name: String,
    client: Client,
}

impl Deref for Customer {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Mall {
    /// A customer, signed in; the same name is the same customer.
    pub async fn customer(&self, name: &str) -> Customer {
        let op = self.op();
        let new =
            DemoCustomer { handle: name.to_owned(), nickname: name.to_owned(), avatar_url: None, phone: None, registered_at: self.now() };
        let id = demo::ensure(&op, new).await.expect("a customer can be made");
        let (session, _) = demo::demo_sign_in(&op, id).await.expect("a demo customer signs in");
        Customer { id, name: name.to_owned(), client: self.stranger().with_token(session.access_token) }
    }

    /// The owner of the mall, who may do everything.
    pub async fn owner(&self) -> Client {
        access::ensure_owner(&self.op(), OWNER.0, OWNER.1).await.expect("an owner can be made");
        self.staff_client(OWNER.0, OWNER.1).await
    }

    /// Somebody of the staff with exactly these permissions.
    pub async fn staff(&self, permissions: &[Permission]) -> Client {
        let owner = self.op_of(&self.owner().await).await;
        let tag = hex::encode(random_bytes::<6>());
        let role = access::NewRole { name: format!("role {tag}"), permissions: permissions.iter().copied().collect() };
        let role = access::create_role(&owner, role).await.expect("a role can be made");
        let email = format!("{tag}@mall.example");
        let new = access::NewStaff { email: email.clone(), name: "staff".to_owned(), roles: BTreeSet::from([role.id]) };
        let (_, first) = access::create(&owner, new).await.expect("staff can be made");
        let fresh = self.op_of(&self.staff_client(&email, &first).await).await;
        let change = service::ChangePassword { current: first, new: OWNER.1.to_owned() };
        service::change_password(&fresh, change).await.expect("a first password can be changed");
        self.staff_client(&email, OWNER.1).await
    }

    /// The operation somebody's token stands for, to call services as them.
    pub async fn op_of(&self, client: &Client) -> Op {
        let known = authenticate(self.platform(), client.token()).await.expect("the token is good");
        Op { actor: known.actor, ..self.op() }
    }

    /// Who somebody's token stands for.
    pub async fn actor_of(&self, client: &Client) -> Actor {
        self.op_of(client).await.actor
    }

    async fn staff_client(&self, email: &str, password: &str) -> Client {
        let sign_in = service::SignIn { email: email.to_owned(), password: password.to_owned(), totp: None, device: None };
        let signed_in = service::sign_in(&Op { actor: Actor::Anonymous, ..self.op() }, sign_in).await.expect("staff sign in");
        self.stranger().with_token(signed_in.session.expect("no code is asked for").access_token)
    }
}
