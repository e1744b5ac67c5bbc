//! What a context asks for without knowing who answers: traits it declares, plugged in by the binary.

use std::{
    any::{Any, TypeId, type_name},
    collections::HashMap,
    sync::Arc,
};

use kernel::Fault;

/// The plugs, by trait: `ports.plug::<dyn PlayPrices>(Arc::new(..))`.
#[derive(Default)]
pub struct Ports(HashMap<TypeId, Box<dyn Any + Send + Sync>>);

impl Ports {
    /// Plugs the answer to `T` in; the last one counts.
    pub fn plug<T: ?Sized + Send + Sync + 'static>(&mut self, port: Arc<T>) -> &mut Self {
        self.0.insert(TypeId::of::<T>(), Box::new(port));
        self
    }

    /// Who answers to `T`.
    pub fn get<T: ?Sized + Send + Sync + 'static>(&self) -> Result<Arc<T>, Fault> {
        let port = self.0.get(&TypeId::of::<T>()).and_then(|port| port.downcast_ref::<Arc<T>>());
        port.cloned().ok_or_else(|| Fault::internal(format!("nothing is plugged into {}", type_name::<T>())))
    }
}
