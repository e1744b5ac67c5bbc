//! What the process says about itself: log lines, traces, metrics.

use std::{
    io::IsTerminal,
    sync::{Arc, OnceLock},
};

use anyhow::Context;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{Sampler, SdkTracerProvider, SpanData, SpanExporter},
};
use tokio::runtime::Handle;
use tracing_subscriber::{EnvFilter, Layer, Registry, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{Config, LogFormat};

/// Keeps the export of traces alive; flushes what waits when dropped.
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(traces) = self.traces.take() {
            // Flushing waits for the exporter, which needs the runtime's other threads.
            let flushed = tokio::task::block_in_place(|| traces.shutdown());
            if let Err(error) = flushed {
                tracing::warn!(%error, "the last traces were not exported");
            }
        }
    }
}

/// Begins logging and, when a collector is configured, tracing. Once per process, within the runtime.
pub fn start(config: &Config) -> anyhow::Result<Telemetry> {
    let filter = EnvFilter::try_new(&config.log.0).context("the log filter was checked when it was read")?;
    let pretty = match config.log_format {
        LogFormat::Json => false,
        LogFormat::Pretty => true,
        LogFormat::Auto => std::io::stderr().is_terminal(),
    };
    let lines: Box<dyn Layer<Registry> + Send + Sync> = if pretty {
        tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false).with_filter(filter).boxed()
    } else {
        let json = tracing_subscriber::fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false);
        json.with_writer(std::io::stderr).with_filter(filter).boxed()
    };
    let traces = config.otlp_endpoint.as_ref().map(|endpoint| exporter(&endpoint.0, config.otlp_percent.0)).transpose()?;
    let spans = traces.as_ref().map(|traces| {
        let filter = EnvFilter::new("info,hyper=off,h2=off,reqwest=off,opentelemetry=off");
        tracing_opentelemetry::layer().with_tracer(traces.tracer("liebian")).with_filter(filter)
    });
    tracing_subscriber::registry().with(lines).with(spans).try_init().context("logging began twice")?;
    Ok(Telemetry { traces })
}

/// Traces go to a collector in batches.
fn exporter(endpoint: &str, percent: u32) -> anyhow::Result<SdkTracerProvider> {
    let inner = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_http_client(reqwest::Client::new())
        .with_endpoint(endpoint)
        .build()
        .context("the exporter of traces")?;
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(f64::from(percent) / 100.0)));
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(OnRuntime { inner: Arc::new(inner), runtime: Handle::current() })
        .with_sampler(sampler)
        .with_resource(Resource::builder().with_service_name("liebian").build())
        .build())
}

/// The batch processor exports from a thread of its own, where no HTTP client of ours works: this sends from the runtime.
#[derive(Debug)]
struct OnRuntime {
    inner: Arc<opentelemetry_otlp::SpanExporter>,
    runtime: Handle,
}

impl SpanExporter for OnRuntime {
    fn export(&self, batch: Vec<SpanData>) -> impl Future<Output = OTelSdkResult> + Send {
        let inner = Arc::clone(&self.inner);
        let sent = self.runtime.spawn(async move { inner.export(batch).await });
        async move { sent.await.unwrap_or_else(|error| Err(OTelSdkError::InternalFailure(error.to_string()))) }
    }
}

/// What is counted in this process; `/metrics` prints it.
pub fn metrics() -> anyhow::Result<PrometheusHandle> {
    static METRICS: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
    let made = METRICS.get_or_init(|| {
        let seconds = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
        let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &seconds);
        builder.and_then(PrometheusBuilder::install_recorder).map_err(|error| error.to_string())
    });
    made.clone().map_err(|error| anyhow::anyhow!("metrics: {error}"))
}
