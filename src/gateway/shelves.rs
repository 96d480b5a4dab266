//! Keeps the recipes in force ready: those of the folder and those that technicians approved.
//!
//! The compiled shelf is made anew only when an approved recipe has changed, by this process or another one.

use std::sync::{Arc, Mutex, PoisonError};

use tracing::error;

use crate::desk::recipe::{Recipe, Shelf};
use crate::desk::triage::keywords::BadLists;
use crate::store::{StoreError, Tx};

/// No state of the database has this number: the folder alone.
const FOLDER_ONLY: i64 = -1;

/// The shelf in force, and what it is made of.
pub struct Shelves {
    folder: Vec<Recipe>,
    current: Mutex<Arc<Shelf>>,
}

impl Shelves {
    /// With the recipes of the folder.
    ///
    /// # Errors
    /// Their phrases are too many to be looked for.
    pub fn new(folder: Vec<Recipe>) -> Result<Self, BadLists> {
        let shelf = Shelf::new(FOLDER_ONLY, folder.clone())?;
        Ok(Self {
            folder,
            current: Mutex::new(Arc::new(shelf)),
        })
    }

    /// The recipes of the folder.
    pub fn folder(&self) -> &[Recipe] {
        &self.folder
    }

    /// The shelf as it was used last.
    pub fn current(&self) -> Arc<Shelf> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.clone()
    }

    /// The shelf in force as this transaction sees it.
    pub fn in_force(&self, tx: &Tx<'_>) -> Result<Arc<Shelf>, StoreError> {
        let revision = tx.recipes_revision()?;
        let current = self.current();
        if current.revision() == revision {
            return Ok(current);
        }
        let approved = tx.approved_recipes()?;
        let all = self.folder.iter().cloned().chain(approved).collect();
        let shelf = Shelf::new(revision, all).or_else(|fault| {
            // Each was checked when it was approved, so they are too many; those of the folder are known to go.
            error!("Recipes made from tickets are left out: {fault}");
            Shelf::new(revision, self.folder.clone())
        });
        let shelf = shelf.map_err(|fault| StoreError::Value(format!("the recipes: {fault}")))?;
        let shelf = Arc::new(shelf);
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = shelf.clone();
        Ok(shelf)
    }
}
