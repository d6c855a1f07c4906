package dev.kimi.internal.endpoint;

import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.Usage;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.internal.governor.LimitTarget;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.internal.protocol.EncodeTarget;
import dev.kimi.internal.protocol.EncodedChat;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.ModelPage;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.internal.protocol.RateLimitHeaders;
import dev.kimi.internal.util.UserAgent;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.quota.Settlement;
import dev.kimi.relay.RelayForm;
import dev.kimi.relay.RelayRequest;
import dev.kimi.relay.RelayTarget;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelPrices;
import dev.kimi.service.ServiceRequest;
import dev.kimi.time.TimeSource;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.RequestBody;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportRequest;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A place where calls can go: base URL, protocol, account and the names of models there. It turns what a caller asks
 * for into a request for the transport, and the response into what the caller gets. Thread-safe; it neither waits nor
 * retries.
 */
public final class Endpoint {

    private final EndpointSettings settings;
    private final Protocol protocol;
    private final ModelNames models;
    private final ModelCards cards;
    private final Account account;
    private final CredentialsProvider credentials;
    private final Transport transport;
    private final String service;

    /**
     * @param account what the service counts the calls against
     * @param credentials where credentials of that account come from
     * @param transport how bytes travel; not closed by the endpoint
     */
    public Endpoint(EndpointSettings settings, Account account, CredentialsProvider credentials, Transport transport) {
        this.settings = settings;
        this.protocol = settings.protocol();
        this.models = settings.models();
        this.cards = settings.cards();
        this.account = account;
        this.credentials = credentials;
        this.transport = transport;
        this.service = serviceOf(settings.baseUri());
    }

    /** The same place for calls that go another way, and that another account is charged for. */
    public Endpoint over(Transport other, Account charged, CredentialsProvider with) {
        return new Endpoint(settings, charged, with, other);
    }

    /** Host, port unless it is the scheme's own, and path: what stays the same wherever the client is made. */
    private static String serviceOf(URI baseUri) {
        String port = baseUri.getPort() < 0 ? "" : ":" + baseUri.getPort();
        String path = baseUri.getRawPath() == null ? "" : baseUri.getRawPath();
        return String.valueOf(baseUri.getHost()).toLowerCase(Locale.ROOT) + port + path;
    }

    public String name() {
        return settings.name();
    }

    public URI baseUri() {
        return settings.baseUri();
    }

    /** The name of the protocol. */
    public String protocol() {
        return protocol.name();
    }

    /** The model of requests that name none. */
    public String standardModel() {
        return models.standard();
    }

    /** What is known of the model, see {@link ModelCard}. */
    public ModelCard card(String model) {
        return cards.named(model);
    }

    /** The prices of the model that the request has here; null where they are not known. */
    @Nullable ModelPrices prices(CallRequest request) {
        String model = modelOf(request);
        return model == null ? null : card(model).prices();
    }

    public Account account() {
        return account;
    }

    public CredentialsProvider credentials() {
        return credentials;
    }

    public Transport transport() {
        return transport;
    }

    public RetrySettings retry() {
        return settings.retry();
    }

    /** Whether something in the message was written by this service. */
    boolean isMakerOf(Message message) {
        for (Message.Block block : message.blocks()) {
            Provenance origin = block.origin();
            if (origin != null
                    && origin.protocol().equals(protocol.name())
                    && origin.service().equals(service)) {
                return true;
            }
        }
        return false;
    }

    /** The name that the model of the request has here, or null when the operation has none. */
    public @Nullable String modelOf(CallRequest request) {
        boolean ofModel = request.isChat() || request instanceof CallRequest.Count;
        return ofModel ? models.of(request.model()) : null;
    }

    /**
     * Writes the request for this service. The same request is written the same every time.
     *
     * @throws dev.kimi.error.InvalidRequestException if the service is known to reject it
     */
    public EncodedRequest encode(CallRequest request) {
        RelayForm form = formOf(request);
        if (form instanceof RelayForm.Translated asked) {
            EncodeTarget target = target(request);
            return encoded(target, asked, protocol.encode(asked.chat(), target));
        } else if (form instanceof RelayForm.Verbatim asked) {
            return encoded(target(request), asked);
        } else if (request instanceof CallRequest.Models page) {
            return encoded(ServiceRequest.get(protocol.modelsPath(page.after())), "application/json");
        }
        // what is streamed may be a file of any kind
        return encoded(((CallRequest.Raw) request).service(), request.streamed() ? "*/*" : "application/json");
    }

    private EncodedRequest encoded(ServiceRequest asked, String accept) {
        Headers headers = protocol.fixedHeadersWith(asked.headers());
        return new EncodedRequest(asked.method(), asked.path(), headers, asked.body(), accept, ResponseMark.NONE);
    }

    /**
     * Writes a request that the service has rejected so that the service may take it.
     *
     * @return null when nothing can be changed because of such a rejection, or shall not be
     */
    public @Nullable EncodedRequest encodeAgain(CallRequest request, KimiException rejection) {
        if (!(rejection instanceof InvalidRequestException)
                || !(formOf(request) instanceof RelayForm.Translated asked)) {
            return null;
        }
        EncodeTarget target = target(request);
        EncodedChat written = protocol.encodeAgain(asked.chat(), target, rejection);
        return written == null ? null : encoded(target, asked, written);
    }

    /** What a model is asked here, or would be; null for what no model is. */
    private @Nullable RelayForm formOf(CallRequest request) {
        if (request instanceof CallRequest.Relay call) {
            String model = models.of(request.model());
            return call.relay().formFor(new RelayTarget(name(), protocol.name(), service, model, card(model)));
        } else if (request instanceof CallRequest.Count count) {
            return new RelayForm.Translated(count.chat(), List.of());
        }
        return request instanceof CallRequest.Chat call ? new RelayForm.Translated(call.chat(), List.of()) : null;
    }

    private EncodeTarget target(CallRequest request) {
        Provenance here = new Provenance(protocol.name(), service, models.of(request.model()));
        boolean counted = request instanceof CallRequest.Count;
        return new EncodeTarget(here, settings.ownFields(), request.streamed(), counted, cards.of(here.model()));
    }

    private EncodedRequest encoded(EncodeTarget target, RelayForm.Translated asked, EncodedChat written) {
        List<ChatResponse.Note> notes = asked.notes().isEmpty()
                ? written.notes()
                : Stream.concat(asked.notes().stream(), written.notes().stream())
                        .toList();
        ResponseMark mark = new ResponseMark(
                name(), target.here(), notes, false, asked.chat().tools());
        String path = target.counted() ? protocol.countPath() : protocol.chatPath();
        return post(path, written.headers(), written.body(), target, mark);
    }

    private EncodedRequest encoded(EncodeTarget target, RelayForm.Verbatim asked) {
        ResponseMark mark = new ResponseMark(name(), target.here(), asked.notes(), true, List.of());
        Headers headers = protocol.fixedHeadersWith(asked.headers());
        if (headers.first("content-type") == null) {
            headers = Headers.builder()
                    .addAll(headers)
                    .add("content-type", "application/json")
                    .build();
        }
        return post(asked.path(), headers, asked.body(), target, mark);
    }

    private static EncodedRequest post(
            String path, Headers headers, byte[] body, EncodeTarget target, ResponseMark mark) {
        String accept = target.stream() ? "text/event-stream" : "application/json";
        return new EncodedRequest("POST", path, headers, RequestBody.of(body), accept, mark);
    }

    /** Where the request goes, in the terms that limits distinguish. */
    public LimitTarget limitTarget(CallRequest request) {
        LimitTarget target = limitTarget(modelOf(request));
        // Claude limits counts apart from calls of any model
        return request instanceof CallRequest.Count
                ? new LimitTarget(target.endpoint(), target.model(), request.operation())
                : target;
    }

    private LimitTarget limitTarget(@Nullable String model) {
        return new LimitTarget(baseUri().toString(), model, model == null ? null : cards.limitClass(model));
    }

    /** The service responds again, to calls of that model at least: no call is held back for what was before. */
    void recovered(@Nullable String model) {
        account.governor().passage(limitTarget(model)).recovered();
    }

    /** What to reserve of the account's quota for the request: no tokens for what no model reads. */
    public QuotaRequest quotaRequest(CallRequest request) {
        QuotaRequest.Builder reserved = QuotaRequest.builder(account.id());
        if (request.isChat()) {
            String model = models.of(request.model());
            long input;
            long cap;
            if (request instanceof CallRequest.Chat chat) {
                input = protocol.inputTokens(chat.chat());
                cap = protocol.outputCap(chat.chat(), cards.of(model));
            } else {
                RelayRequest relay = ((CallRequest.Relay) request).relay();
                input = relay.inputTokens();
                boolean unsaid = relay.outputCap() == 0 && input > 0;
                cap = unsaid ? cards.of(model).count(ModelCard.Fact.OUTPUT_DEFAULT) : relay.outputCap();
            }
            BookingPolicy booking = settings.booking();
            reserved.model(model)
                    .modelClass(cards.limitClass(model))
                    .inputTokens(input)
                    .outputCap(cap)
                    .booked(booking.bookedInput(input), booking.bookedOutput(cap));
        }
        return reserved.build();
    }

    /**
     * What became of a call that had reserved so much here, as far as the service counts it.
     *
     * @param outcome what the engine knows of that
     * @param usage what a response reported, or {@link Usage#NONE}
     * @param response headers of the last response, empty when there was none
     */
    public Settlement settlement(QuotaRequest reserved, Settlement.Outcome outcome, Usage usage, Headers response) {
        Settlement.Builder settled = Settlement.builder(outcome).rateLimits(RateLimitHeaders.of(response));
        if (outcome != Settlement.Outcome.NOT_COUNTED) {
            BookingPolicy booking = settings.booking();
            if (usage == Usage.NONE) {
                settled.asBooked(reserved.bookedInputTokens(), reserved.bookedOutputTokens());
            } else {
                settled.measured(booking.countedInput(usage), booking.countedOutput(usage));
            }
        }
        return settled.build();
    }

    /**
     * Sends what {@link #encode} has written.
     *
     * @param deadlineNanos when a response is of no use any more, on the clock
     */
    public Exchange send(
            EncodedRequest request, Credentials with, TimeSource clock, long deadlineNanos, ExchangeHandler handler) {
        return transport.send(
                authenticated(request, with).deadline(clock, deadlineNanos).build(), handler);
    }

    private TransportRequest.Builder authenticated(EncodedRequest request, Credentials with) {
        // what the credentials say wins over a caller's header of the same name
        Headers asked = request.headers().without(Set.of(with.headerName().toLowerCase(Locale.ROOT)));
        Headers.Builder headers = Headers.builder().addAll(asked);
        if (asked.first("accept") == null) {
            headers.add("accept", request.accept());
        }
        if (asked.first(UserAgent.HEADER) == null) {
            headers.add(UserAgent.HEADER, settings.userAgent());
        }
        headers.add(with.headerName(), with.headerValue());
        URI baseUri = settings.baseUri();
        String prefix = baseUri.getRawPath();
        String target = prefix == null || prefix.isEmpty() ? request.path() : prefix + request.path();
        return TransportRequest.builder(request.method(), baseUri, target)
                .headers(headers.build())
                .body(request.body());
    }

    /**
     * Reads a whole response with a 2xx status.
     *
     * @param body readable bytes are the whole body
     * @param context with the response's status and headers
     * @throws KimiException if it is no chat completion
     */
    public ChatResponse decode(ByteBuffer body, ErrorContext context) {
        return protocol.decode(context.headers(), body, context);
    }

    /** Reads a page of the list of models, as {@link #decode} does, and keeps to what it says from now on. */
    public ModelPage decodeModels(ByteBuffer body, ErrorContext context) {
        ModelPage page = protocol.decodeModels(body, context);
        return new ModelPage(cards.listed(page.models()), page.next());
    }

    /** Reads a count of tokens, as {@link #decode} does. */
    public long decodeCount(ByteBuffer body, ErrorContext context) {
        return protocol.decodeCount(body, context);
    }

    /**
     * A reader for one streamed response with a 2xx status.
     *
     * @param mark of its request
     */
    public ChatStreamDecoder decoder(Headers headers, ResponseMark mark) {
        return protocol.decoder(headers, mark.tools());
    }

    /**
     * What a response without a 2xx status means.
     *
     * @param request what it is a response to
     * @param body readable bytes are the body, possibly cut
     * @param context with the response's status and headers
     */
    public KimiException error(CallRequest request, ByteBuffer body, ErrorContext context) {
        ErrorContext known = request instanceof CallRequest.Count ? context.ofCount() : context;
        return protocol.error(known.status(), known.headers(), body, known);
    }

    @Override
    public String toString() {
        return "Endpoint[" + name() + ", " + baseUri() + "]";
    }
}
