package dev.kimi.test;

import dev.kimi.test.internal.ApiError;
import dev.kimi.test.internal.MessagesWriter;
import dev.kimi.test.internal.Piece;
import dev.kimi.test.internal.Pieces;
import dev.kimi.test.internal.WireFormat;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One scripted response to an inference request. Immutable, so that one can be used many times; every modifier returns
 * a changed copy. A response of the model is streamed or not as the request asks; anything else is sent as it is.
 *
 * <p>Modifiers that work on the body ({@code stall…}, {@code cut…}, {@code drip} …) apply in the order of the calls. An
 * <em>event</em> is one server-sent event, the end marker not counted.
 */
public final class Reply {

    private final Content content;
    private final ReplyHead head;
    private final List<Change> changes;

    private Reply(Content content, ReplyHead head, List<Change> changes) {
        this.content = content;
        this.head = head;
        this.changes = changes;
    }

    private static Reply of(Content content) {
        return new Reply(content, ReplyHead.PLAIN, List.of());
    }

    // ---- responses of the model

    /** A generated response: plausible text about the prompt, after reasoning if the model thinks. */
    public static Reply generated() {
        return of(Contents.generated());
    }

    /** A response of just this text. */
    public static Reply text(String text) {
        return of(ScriptedOutput.EMPTY.plusText(text));
    }

    /** A response that begins with this reasoning; go on with {@link #thenText} or {@link #thenToolCall}. */
    public static Reply reasoning(String reasoning) {
        return of(ScriptedOutput.EMPTY.plusReasoning(reasoning));
    }

    /**
     * A response that calls a tool. A model that thinks does so before, as long as {@link #reasoning} does not say
     * what: the service wants that reasoning back with the results of the call. {@code reasoning("").thenToolCall(...)}
     * is a response without it.
     *
     * @param arguments JSON text, sent as it is, valid or not
     */
    public static Reply toolCall(String name, String arguments) {
        return of(ScriptedOutput.EMPTY.plusCall(name, arguments));
    }

    /** Adds text. @throws IllegalStateException if this is no scripted response of the model */
    public Reply thenText(String text) {
        return with(scripted().plusText(text));
    }

    /** Adds a tool call. @throws IllegalStateException if this is no scripted response of the model */
    public Reply thenToolCall(String name, String arguments) {
        return with(scripted().plusCall(name, arguments));
    }

    /** Adds reasoning, as a model does between two calls. @throws IllegalStateException as {@link #thenText} */
    public Reply thenReasoning(String reasoning) {
        return with(scripted().plusReasoning(reasoning));
    }

    /**
     * Adds a content block of the Messages API, such as the result of a server tool or a text with citations. A stream
     * sends it in the deltas of its type; chat completions, which have no such blocks, leave it out.
     *
     * @param json the block as a response that is not streamed has it
     * @throws IllegalArgumentException if it is no JSON object with a {@code type}
     * @throws IllegalStateException if this is no scripted response of the model
     */
    public Reply thenBlock(String json) {
        return with(scripted().plusBlock(json));
    }

    /**
     * Lets another model take over at this place: Anthropic's service marks it with a {@code fallback} block, names the
     * other model and lists both attempts in the usage. The other services go on as if nothing had happened.
     *
     * @throws IllegalStateException if this is no scripted response of the model
     */
    public Reply thenServedBy(String model) {
        return with(scripted().servedBy(model));
    }

    /**
     * Ends the response as one that the model declined ({@code refusal}), with details where the service gives them;
     * what came before stays.
     *
     * @param category such as {@code cyber} or {@code bio}, or null
     * @param explanation a sentence for people, or null
     * @throws IllegalStateException if this is no scripted response of the model
     */
    public Reply thenRefusal(@Nullable String category, @Nullable String explanation) {
        return with(scripted().refusing(category, explanation));
    }

    /**
     * Tells the end of a stream of Anthropic's service in so many {@code message_delta} events, of which the last has
     * the stop reason; 1 by default.
     *
     * @throws IllegalStateException if this is no scripted response of the model
     */
    public Reply messageDeltas(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("count must be at least 1, was " + count);
        }
        return with(scripted().endingIn(count));
    }

    /** Replaces the finish reason. @throws IllegalStateException if this is no scripted response of the model */
    public Reply finishReason(String reason) {
        return with(scripted().withFinish(reason));
    }

    /**
     * Replaces the counted tokens.
     *
     * @param prompt input, cached part included
     * @param completion output, reasoning included
     * @param cached cached part of the input
     * @throws IllegalStateException if this is no scripted response of the model
     */
    public Reply usage(int prompt, int completion, int cached) {
        return with(scripted().withUsage(prompt, completion, cached));
    }

    /**
     * A response of very many events: {@code count} of them with {@code size} characters of text each. Sent as fast as
     * the client reads. A request that is not streamed gets one JSON text of that size.
     */
    public static Reply events(int count, int size) {
        return of(Contents.bulk(count, size));
    }

    /** Like {@link #events} with about so many bytes in all, in events of about 16 KiB. */
    public static Reply flood(long bytes) {
        return of(Contents.bulk(Math.max(1, bytes / Contents.FLOOD_EVENT), Contents.FLOOD_EVENT));
    }

    // ---- errors

    /** 429, too many requests a minute, to be retried after the given time (whole seconds, rounded up). */
    public static Reply rateLimited(Duration retryAfter) {
        return error(ApiError.tooManyRequests(ApiError.defaultOrganisation(), 3, retryAfter));
    }

    /** 429, too many requests at once, to be retried after a second. */
    public static Reply concurrencyLimited() {
        return error(ApiError.tooManyAtOnce(ApiError.defaultOrganisation(), 1, Duration.ofSeconds(1)));
    }

    /** 429, too many tokens a minute, to be retried after the given time. */
    public static Reply tpmLimited(Duration retryAfter) {
        return tokens("TPM", 500_000, retryAfter);
    }

    /** 429, too many tokens a day, to be retried after the given time. */
    public static Reply tpdLimited(Duration retryAfter) {
        return tokens("TPD", 1_500_000, retryAfter);
    }

    /** 429, from Anthropic's service 529: the service itself is overloaded; it names no time. */
    public static Reply overloaded() {
        return error(ApiError.overloaded());
    }

    /** 429 without {@code Retry-After}: the account is out of money, or has reached the spend limit of the month. */
    public static Reply quotaExceeded() {
        return error(ApiError.quotaExceeded());
    }

    /** 503, scaling or maintenance. */
    public static Reply unavailable() {
        return error(ApiError.unavailable());
    }

    /** 504 of the gateway, an HTML page. */
    public static Reply gatewayTimeout() {
        return of(Contents.fixed(504, "text/html", Contents.GATEWAY_PAGE));
    }

    /** 401, the key is not accepted. */
    public static Reply unauthorized() {
        return error(ApiError.wrongKey());
    }

    /** 400, the content filter objects. */
    public static Reply contentFiltered() {
        return error(400, "content_filter", "The request was rejected because it was considered high risk");
    }

    /** An error body with the given status, type and message. */
    public static Reply error(int status, String type, String message) {
        return error(ApiError.of(status, type, message));
    }

    /** Any status with any body, as JSON. */
    public static Reply status(int status, String body) {
        return of(Contents.fixed(status, Contents.JSON, body.getBytes(StandardCharsets.UTF_8)));
    }

    /** 307 to the given URL. */
    public static Reply redirectTo(String url) {
        return status(307, "").header("Location", url);
    }

    /** 200 and a stream whose first event is an error. */
    public static Reply errorEvent(String type, String message) {
        return of(Contents.eventStream(List.of())).errorEventAfter(0, type, message);
    }

    /** 200 with a body that is no JSON: an event with half an object, or the half object alone. */
    public static Reply malformed() {
        return of(Contents.malformed());
    }

    /** 200 with exactly these bytes as the body, typed as an event stream if the request asks for one, else as JSON. */
    public static Reply raw(byte[] body) {
        return of(Contents.raw(body.clone()));
    }

    /** 200 and this event stream, in these bytes, an event at a time; no pauses. */
    public static Reply stream(String events) {
        return of(Contents.eventStream(RecordedFiles.events(events.getBytes(StandardCharsets.UTF_8), Duration.ZERO)));
    }

    /**
     * What was recorded in a file: {@code .sse} (a stream body), {@code .json} (a response or an error, whose status
     * follows from its type) or {@code .http} (status line, headers, body).
     *
     * @throws java.io.UncheckedIOException if the file cannot be read
     * @throws IllegalArgumentException if it is none of these
     */
    public static Reply recorded(Path file) {
        return RecordedFiles.read(file);
    }

    /** No response: the connection is closed (HTTP/2: the stream reset) once the request has been read. */
    public static Reply noResponse() {
        return new Reply(Contents.generated(), ReplyHead.PLAIN.with(ReplyHead.Action.DROP), List.of());
    }

    /** HTTP/2: the stream is refused, which says that nothing was processed. HTTP/1.1: the connection is closed. */
    public static Reply refused() {
        return new Reply(Contents.generated(), ReplyHead.PLAIN.with(ReplyHead.Action.REFUSE_STREAM), List.of());
    }

    // ---- modifiers

    /** Adds a response header. */
    public Reply header(String name, String value) {
        return new Reply(content, head.plusHeader(name, value), changes);
    }

    /** Waits before the headers. */
    public Reply after(Duration delay) {
        return new Reply(content, head.after(delay), changes);
    }

    /** Reads the request and says nothing for ever; the connection stays open. */
    public Reply stallBeforeHeaders() {
        return new Reply(content, head.with(ReplyHead.Action.STALL), changes);
    }

    /** Falls silent for ever after so many events; the connection stays open. */
    public Reply stallAfterEvents(int events) {
        return changed((pieces, format) -> pieces.replaceAfterEvents(events, Piece.STALL));
    }

    /**
     * Falls silent after so many events, and goes on when the stage has completed, in whatever way: a test shows so
     * that its client has what came before.
     */
    public Reply holdAfterEvents(int events, CompletionStage<?> until) {
        return changed((pieces, format) -> pieces.insertAfterEvents(events, Piece.hold(until)));
    }

    /** Falls silent for ever after so many bytes of the body, mid-event if need be; the connection stays open. */
    public Reply stallAfterBytes(long bytes) {
        return changed((pieces, format) -> pieces.stallAfterBytes(bytes));
    }

    /** Closes the connection (HTTP/2: resets the stream) after so many bytes of the body, mid-chunk if need be. */
    public Reply cutAfterBytes(long bytes) {
        return changed((pieces, format) -> pieces.cutAfterBytes(bytes));
    }

    /** Closes the connection (HTTP/2: resets the stream) after so many events. */
    public Reply cutAfterEvents(int events) {
        return changed((pieces, format) -> pieces.replaceAfterEvents(events, Piece.CUT));
    }

    /** Ends well but without the end marker. */
    public Reply withoutDone() {
        return changed((pieces, format) -> pieces.withoutDone());
    }

    /** Sends an error event after so many others and ends there. */
    public Reply errorEventAfter(int events, String type, String message) {
        ApiError error = ApiError.of(500, type, message);
        return changed((pieces, format) -> pieces.endAfterEvents(events, format.event(error)));
    }

    /** Sends a {@code ping} after every so many events of a stream of Anthropic's service. */
    public Reply pingEvery(int events) {
        if (events < 1) {
            throw new IllegalArgumentException("events must be at least 1, was " + events);
        }
        return changed((pieces, format) ->
                format == WireFormat.CLAUDE_MESSAGES ? pieces.interleave(events, MessagesWriter.ping()) : pieces);
    }

    /** Sends the body in morsels of so many bytes with a pause before each. */
    public Reply drip(int bytes, Duration every) {
        if (bytes < 1) {
            throw new IllegalArgumentException("bytes must be at least 1, was " + bytes);
        }
        return changed((pieces, format) -> pieces.drip(bytes, every.toNanos()));
    }

    /** Ends the connection with the response: {@code Connection: close}, or GOAWAY on HTTP/2. */
    public Reply closeConnection() {
        return new Reply(content, head.closing(), changes);
    }

    /** Lets a scripted cut be a TCP reset instead of an orderly close; no difference on HTTP/2. */
    public Reply byReset() {
        return new Reply(content, head.resetting(), changes);
    }

    // ---- for the server

    Content content() {
        return content;
    }

    ReplyHead head() {
        return head;
    }

    boolean bodyChanged() {
        return !changes.isEmpty();
    }

    Pieces change(Pieces pieces, WireFormat format) {
        Pieces changed = pieces;
        for (Change change : changes) {
            changed = change.apply(changed, format);
        }
        return changed;
    }

    static Reply error(ApiError error) {
        return of(Contents.error(error));
    }

    static Reply fromRecording(Content content) {
        return of(content);
    }

    private static Reply tokens(String window, long limit, Duration retryAfter) {
        String organisation = ApiError.defaultOrganisation();
        return error(ApiError.tooManyTokens(organisation, window, limit + 8_351, limit, retryAfter));
    }

    private ScriptedOutput scripted() {
        if (content instanceof ScriptedOutput output) {
            return output;
        }
        throw new IllegalStateException("only text(), reasoning() and toolCall() can be continued");
    }

    private Reply with(ScriptedOutput output) {
        return new Reply(output, head, changes);
    }

    /** Makes a body worse. */
    @FunctionalInterface
    private interface Change {
        Pieces apply(Pieces pieces, WireFormat format);
    }

    private Reply changed(Change change) {
        List<Change> all = new ArrayList<>(changes);
        all.add(change);
        return new Reply(content, head, List.copyOf(all));
    }
}
