//! The services that the peer's platform asks its integrator for: PINs, RSA, and storage of large and sealed things.

use trussed::backend::{Backend as _, BackendId};
use trussed::platform::Platform;
use trussed::serde_extensions::{ExtensionDispatch, ExtensionId, ExtensionImpl};
use trussed::service::ServiceResources;
use trussed::types::Context;
use trussed_auth::AuthExtension;
use trussed_auth_backend::{AuthBackend, AuthContext, FilesystemLayout};
use trussed_chunked::ChunkedExtension;
use trussed_core::Error;
use trussed_core::api::{Reply, Request, reply, request};
use trussed_core::types::{Bytes, Location};
use trussed_hpke::HpkeExtension;
use trussed_rsa_alloc::SoftwareRsa;
use trussed_staging::{StagingBackend, StagingContext};
use trussed_wrap_key_to_file::WrapKeyToFileExtension;

/// Who answers a request to the platform.
#[derive(Debug, Clone, Copy)]
pub enum Service {
    /// PINs and their counters.
    Pins,
    /// RSA.
    Rsa,
    /// Large and sealed objects.
    Storage,
}

/// All of them, in the order in which they are asked.
pub const SERVICES: &[BackendId<Service>] = &[
    BackendId::Custom(Service::Storage),
    BackendId::Custom(Service::Pins),
    BackendId::Custom(Service::Rsa),
    BackendId::Core,
];

/// The requests beyond the platform's core.
#[derive(Debug, Clone, Copy)]
pub enum Extension {
    /// PINs.
    Pins,
    /// Objects in pieces.
    Chunked,
    /// Sealing to a key.
    Hpke,
    /// Keys in files.
    Wrapping,
}

impl From<Extension> for u8 {
    fn from(extension: Extension) -> Self {
        extension as Self
    }
}

impl TryFrom<u8> for Extension {
    type Error = Error;

    fn try_from(id: u8) -> Result<Self, Error> {
        [Self::Pins, Self::Chunked, Self::Hpke, Self::Wrapping]
            .into_iter()
            .find(|extension| *extension as u8 == id)
            .ok_or(Error::InternalError)
    }
}

/// The services.
pub struct Services {
    pins: AuthBackend,
    storage: StagingBackend,
}

/// What they remember of a client.
#[derive(Default)]
pub struct Remembered {
    pins: AuthContext,
    storage: StagingContext,
}

impl Default for Services {
    fn default() -> Self {
        let key = Bytes::try_from(&b"the hardware's own key"[..]).unwrap_or_default();
        Self {
            pins: AuthBackend::with_hw_key(Location::Internal, key, FilesystemLayout::V0),
            storage: StagingBackend::new(),
        }
    }
}

impl ExtensionDispatch for Services {
    type BackendId = Service;
    type Context = Remembered;
    type ExtensionId = Extension;

    fn core_request<P: Platform>(
        &mut self,
        service: &Service,
        context: &mut Context<Remembered>,
        request: &Request,
        resources: &mut ServiceResources<P>,
    ) -> Result<Reply, Error> {
        let Context { core, backends, .. } = context;
        match service {
            Service::Pins => self
                .pins
                .request(core, &mut backends.pins, request, resources),
            Service::Storage => {
                self.storage
                    .request(core, &mut backends.storage, request, resources)
            }
            Service::Rsa => SoftwareRsa.request(core, &mut (), request, resources),
        }
    }

    fn extension_request<P: Platform>(
        &mut self,
        service: &Service,
        extension: &Extension,
        context: &mut Context<Remembered>,
        request: &request::SerdeExtension,
        resources: &mut ServiceResources<P>,
    ) -> Result<reply::SerdeExtension, Error> {
        let Context { core, backends, .. } = context;
        let (storage, kept) = (&mut self.storage, &mut backends.storage);
        match (service, extension) {
            (Service::Pins, Extension::Pins) => {
                self.pins
                    .extension_request_serialized(core, &mut backends.pins, request, resources)
            }
            (Service::Storage, Extension::Chunked) => {
                ExtensionImpl::<ChunkedExtension>::extension_request_serialized(
                    storage, core, kept, request, resources,
                )
            }
            (Service::Storage, Extension::Hpke) => {
                ExtensionImpl::<HpkeExtension>::extension_request_serialized(
                    storage, core, kept, request, resources,
                )
            }
            (Service::Storage, Extension::Wrapping) => {
                ExtensionImpl::<WrapKeyToFileExtension>::extension_request_serialized(
                    storage, core, kept, request, resources,
                )
            }
            _ => Err(Error::RequestNotAvailable),
        }
    }
}

macro_rules! offered {
    ($($Extension:ty => $id:ident),* $(,)?) => {$(
        impl ExtensionId<$Extension> for Services {
            type Id = Extension;
            const ID: Extension = Extension::$id;
        }
    )*};
}

offered! {
    AuthExtension => Pins,
    ChunkedExtension => Chunked,
    HpkeExtension => Hpke,
    WrapKeyToFileExtension => Wrapping,
}
