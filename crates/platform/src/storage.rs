//! Files: a local folder by default, any S3-like store by configuration.

use std::{path::Path, sync::Arc};

use kernel::Fault;
use object_store::{
    ObjectStore, ObjectStoreExt, PutPayload, aws::AmazonS3Builder, local::LocalFileSystem, memory::InMemory, path::Path as Key,
};

/// Where files are kept, and where the world reads them.
#[derive(Clone)]
pub struct Storage {
    store: Arc<dyn ObjectStore>,
    public_base: String,
}

/// The access to an S3-like store.
#[derive(Clone, Debug)]
pub struct S3 {
    /// Endpoint, e.g. of MinIO, OSS or COS.
    pub endpoint: String,
    /// Region.
    pub region: String,
    /// Bucket.
    pub bucket: String,
    /// Access key id.
    pub access_key: String,
    /// Secret access key.
    pub secret_key: String,
}

impl Storage {
    /// A local folder, made when absent; `public_base` is the URL path it is served under.
    pub fn folder(folder: &Path, public_base: &str) -> Result<Self, Fault> {
        std::fs::create_dir_all(folder).map_err(|e| Fault::upstream("storage", format!("{}: {e}", folder.display())))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|e| Fault::upstream("storage", e))?;
        Ok(Self { store: Arc::new(store), public_base: public_base.trim_end_matches('/').to_owned() })
    }

    /// A bucket; `public_base` is the URL of its public face.
    pub fn s3(s3: &S3, public_base: &str) -> Result<Self, Fault> {
        let store = AmazonS3Builder::new()
            .with_endpoint(&s3.endpoint)
            .with_region(&s3.region)
            .with_bucket_name(&s3.bucket)
            .with_access_key_id(&s3.access_key)
            .with_secret_access_key(&s3.secret_key)
            .build()
            .map_err(|e| Fault::upstream("storage", e))?;
        Ok(Self { store: Arc::new(store), public_base: public_base.trim_end_matches('/').to_owned() })
    }

    /// Kept in memory, for tests.
    pub fn memory() -> Self {
        Self { store: Arc::new(InMemory::new()), public_base: "/media".to_owned() }
    }

    /// Keeps a file; an existing one of the same key is replaced.
    pub async fn put(&self, key: &str, content: Vec<u8>) -> Result<(), Fault> {
        self.store.put(&Key::from(key), PutPayload::from(content)).await.map_err(|e| Fault::upstream("storage", e))?;
        Ok(())
    }

    /// Reads a file; `None` when there is none.
    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Fault> {
        match self.store.get(&Key::from(key)).await {
            Ok(found) => Ok(Some(found.bytes().await.map_err(|e| Fault::upstream("storage", e))?.to_vec())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(Fault::upstream("storage", error)),
        }
    }

    /// The URL the world reads a file under.
    pub fn url(&self, key: &str) -> String {
        format!("{}/{key}", self.public_base)
    }
}
