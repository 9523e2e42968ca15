//! Passwords: argon2id with the crate's recommended cost (19 MiB, 2 passes).
//!
//! Owns the memory and the places of the checks: a flood of log-ins costs neither more memory than a few checks
//! nor more patience than a short queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::available_parallelism;

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Block, Params, PasswordHash, Version};
use model::Refusal;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use crate::handle::unavailable;
use crate::token;

/// What is checked for a user that does not exist, so that the answer takes as long: no password fits.
pub(crate) const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Checks at a time on a big machine; on a small one as many as it has cores.
const PLACES_MAX: usize = 8;
/// Checks that wait, per place: about two seconds. More are refused at once.
const WAITING_PER_PLACE: usize = 64;
/// Bytes of the longest hash that may be stored.
const HASH_MAX: usize = 64;

/// What one check works in. Kept between checks: the system's allocator would keep one for each thread that
/// ever checked a password.
pub(crate) type Memory = Vec<Block>;

/// Places for work with passwords, one set per node.
pub(crate) struct Passwords {
    places: Arc<Semaphore>,
    /// Working or waiting.
    present: AtomicUsize,
    present_max: usize,
    memories: Mutex<Vec<Memory>>,
}

/// Counts one who works or waits.
struct Present<'a>(&'a AtomicUsize);

impl Drop for Present<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Passwords {
    /// As many places as the machine has cores.
    pub fn for_machine() -> Arc<Self> {
        let cores = available_parallelism().map_or(1, usize::from);
        Self::new(cores.min(PLACES_MAX))
    }

    fn new(places: usize) -> Arc<Self> {
        Arc::new(Self {
            places: Arc::new(Semaphore::new(places)),
            present: AtomicUsize::new(0),
            present_max: places * (1 + WAITING_PER_PLACE),
            memories: Mutex::default(),
        })
    }

    /// Works on a blocking thread when a place is free. A caller that goes away frees its place only when
    /// the work is done.
    ///
    /// # Errors
    /// [`model::Code::ServerUnavailable`] at once if too many wait.
    pub async fn work<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let before = self.present.fetch_add(1, Ordering::Relaxed);
        let _present = Present(&self.present);
        if before >= self.present_max {
            metrics::counter!("trunkline_password_checks_refused_total").increment(1);
            return Err(unavailable());
        }
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| unavailable())?;
        let this = Arc::clone(self);
        let work = move || {
            let mut memory = this.memories.lock().pop().unwrap_or_default();
            let done = work(&mut memory);
            this.memories.lock().push(memory);
            drop(place);
            done
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|_| unavailable())
    }
}

/// The text to store for a password; `None` if the system has no randomness.
pub fn hash_password(password: &str) -> Option<String> {
    let hash = Argon2::default().hash_password(password.as_bytes()).ok()?;
    Some(hash.to_string())
}

/// True if `stored` was made from this password. Slow on purpose: never on an async thread.
pub fn verify_password(password: &str, stored: &str) -> bool {
    verify(password, stored, &mut Memory::new())
}

/// The same in memory that is at hand.
pub(crate) fn verify(password: &str, stored: &str, memory: &mut Memory) -> bool {
    check(password, stored, memory).unwrap_or(false)
}

fn check(password: &str, stored: &str, memory: &mut Memory) -> Option<bool> {
    let hash = PasswordHash::new(stored).ok()?;
    let (salt, expected) = (hash.salt?, hash.hash?);
    let params = Params::try_from(&hash).ok()?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = match hash.version {
        None => Version::default(),
        Some(version) => Version::try_from(version).ok()?,
    };
    if memory.len() < params.block_count() {
        memory.resize(params.block_count(), Block::default());
    }
    let mut room = [0; HASH_MAX];
    let made = room.get_mut(..expected.as_ref().len())?;
    let argon = Argon2::new(algorithm, version, params);
    argon
        .hash_password_into_with_memory(
            password.as_bytes(),
            salt.as_ref(),
            made,
            memory.as_mut_slice(),
        )
        .ok()?;
    Some(token::is_same_bytes(made, expected.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_fits() {
        let stored = hash_password("correct horse").unwrap();
        assert!(stored.starts_with("$argon2id$"));
        let mut memory = Memory::new();
        assert!(!verify("Correct horse", &stored, &mut memory));
        assert!(
            verify("correct horse", &stored, &mut memory),
            "in used memory"
        );
        assert!(!verify("correct horse", "nonsense", &mut memory));
        assert!(!verify("correct horse", NOBODY, &mut memory));
        assert_eq!(memory.len(), 19_456);
    }

    #[tokio::test]
    async fn places_and_those_who_wait_are_bounded_and_memory_is_used_again() {
        let passwords = Passwords::new(1);
        let (open, gate) = std::sync::mpsc::channel::<()>();
        let this = Arc::clone(&passwords);
        let first = tokio::spawn(async move {
            let hold = move |memory: &mut Memory| {
                memory.resize(3, Block::default());
                gate.recv().is_err()
            };
            this.work(hold).await
        });
        while passwords.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let mut waiting = Vec::new();
        for _ in 0..WAITING_PER_PLACE {
            let this = Arc::clone(&passwords);
            waiting.push(tokio::spawn(async move {
                this.work(|memory| memory.len()).await
            }));
        }
        while passwords.present.load(Ordering::Relaxed) < passwords.present_max {
            tokio::task::yield_now().await;
        }
        let refused = passwords.work(|_| ()).await.unwrap_err();
        assert_eq!(refused.code, model::Code::ServerUnavailable);
        drop(open);
        assert_eq!(first.await.unwrap(), Ok(true));
        for one in waiting {
            assert_eq!(one.await.unwrap(), Ok(3));
        }
        assert_eq!(passwords.present.load(Ordering::Relaxed), 0);
        assert_eq!(passwords.memories.lock().len(), 1);
    }
}
