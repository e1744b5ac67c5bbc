//! Passwords: argon2id, on threads of their own, few at a time.

use std::sync::Arc;

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use kernel::Fault;
use platform::crypto::random_bytes;
use tokio::sync::{OnceCell, Semaphore};

use super::rules::PASSWORD_MAX;

/// Hashed at once, each with 19 MiB and two passes: more would only take memory from everybody else.
const AT_ONCE: usize = 2;

/// The port that hashes passwords.
pub struct Passwords {
    permits: Arc<Semaphore>,
    /// What the password of an email nobody has is compared with, so that it takes as long.
    decoy: OnceCell<String>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(AT_ONCE)), decoy: OnceCell::new() }
    }
}

impl Passwords {
    /// The hash of a password with a new salt, in PHC form.
    pub async fn hash(&self, password: &str) -> Result<String, Fault> {
        let (password, salt) = (password.to_owned(), random_bytes::<16>());
        self.run(move || {
            let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|e| Fault::internal(format!("a password was not hashed: {e}")))
        })
        .await?
    }

    /// Whether a password has this hash; without one it has not, and takes as long to say so.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, Fault> {
        let decoy = self.decoy.get_or_try_init(|| self.hash("a password that nobody has")).await?;
        let known = hash.is_some();
        let hash = hash.unwrap_or(decoy).to_owned();
        let fits = password.len() <= PASSWORD_MAX;
        let password = if fits { password.to_owned() } else { String::new() };
        self.run(move || Argon2::default().verify_password(password.as_bytes(), &*hash).is_ok() && known && fits).await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|e| Fault::internal(e.to_string()))?;
        // The permit goes with the work: a caller who leaves does not let another begin before it is done.
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        });
        done.await.map_err(|e| Fault::internal(format!("a password thread broke: {e}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_somebody_fits() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse battery").await.expect("hashes");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, passwords.hash("correct horse battery").await.expect("hashes"));
        assert!(passwords.verify("correct horse battery", Some(&hash)).await.expect("verifies"));
        assert!(!passwords.verify("correct horse", Some(&hash)).await.expect("verifies"));
        assert!(!passwords.verify("a password that nobody has", None).await.expect("verifies"));
        let long = "x".repeat(10_000);
        assert!(!passwords.verify(&long, Some(&passwords.hash("").await.expect("hashes"))).await.expect("verifies"));
    }
}
