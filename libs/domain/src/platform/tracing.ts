import {
  type Attributes,
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';

/** Traces of a process. Without `startTracing` every function here does next to nothing. */
export interface Tracing {
  /** Sends what is left, then ends. */
  stop(): Promise<void>;
}

const tracer = trace.getTracer('waypost');

/**
 * Makes spans go to a collector. Off without an endpoint.
 * @param service the part of the product: api, worker, engine
 * @param processor where spans go instead, for tests
 */
export function startTracing(
  config: { endpoint?: string; samplePercent: number },
  service: string,
  processor?: SpanProcessor,
): Tracing {
  if (config.endpoint === undefined && processor === undefined) return { stop: async () => undefined };
  const url = `${config.endpoint?.replace(/\/+$/, '')}/v1/traces`;
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': `waypost-${service}`, 'service.namespace': 'waypost' }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(config.samplePercent / 100) }),
    spanProcessors: [processor ?? new BatchSpanProcessor(new OTLPTraceExporter({ url }))],
  });
  provider.register();
  return { stop: () => provider.shutdown().catch(() => undefined) };
}

/** The present place in a trace as a W3C `traceparent`, to be kept with work that is done later; null without one. */
export function currentTraceParent(): string | null {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent ?? null;
}

/** The trace that the present work belongs to, for log lines. */
export function currentTraceId(): string | undefined {
  return trace.getActiveSpan()?.spanContext().traceId;
}

/** A span for work that was asked for elsewhere: in a request's headers, or in a row. */
export function startSpanOf(
  carrier: Record<string, unknown>,
  name: string,
  options: { kind: SpanKind; attributes: Attributes },
): { span: Span; context: Context } {
  const parent = propagation.extract(ROOT_CONTEXT, carrier);
  const span = tracer.startSpan(name, options, parent);
  return { span, context: trace.setSpan(parent, span) };
}

/** Does `work` as a span of the present trace. */
export async function traced<T>(
  name: string,
  options: { kind: SpanKind; attributes: Attributes },
  work: () => Promise<T>,
): Promise<T> {
  const span = tracer.startSpan(name, options);
  return ended(span, () => context.with(trace.setSpan(context.active(), span), work));
}

/**
 * Carries out work that a row asks for as a span of the trace that the row names, and as nothing when it names none. The
 * context is handed on by hand: a process with hundreds of sockets should not pay for an implicit one.
 */
export async function continued<T>(
  traceParent: string | null,
  name: string,
  attributes: Attributes,
  work: (within: Context) => Promise<T>,
): Promise<T> {
  if (traceParent === null) return work(ROOT_CONTEXT);
  const { span, context } = startSpanOf({ traceparent: traceParent }, name, { kind: SpanKind.CONSUMER, attributes });
  return ended(span, () => work(context));
}

/** A call to the outside, as a span within a context that was handed on. */
export async function called<T>(within: Context, name: string, attributes: Attributes, call: () => Promise<T>) {
  if (trace.getSpan(within) === undefined) return call();
  return ended(tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, within), call);
}

/** Of an error only the code is told: messages may carry addresses of people. */
async function ended<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, name } = error as { code?: unknown; name?: string };
    span.setStatus({ code: SpanStatusCode.ERROR, message: String(code ?? name) });
    throw error;
  } finally {
    span.end();
  }
}
