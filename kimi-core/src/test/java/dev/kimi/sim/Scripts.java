package dev.kimi.sim;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.PermissionException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportFailure.Kind;
import java.nio.charset.StandardCharsets;

/** Draws what an exchange does: mostly something from the table of faults that the engine promises to bear. */
final class Scripts {

    private static final Headers SSE =
            Headers.builder().add("content-type", "text/event-stream").build();
    private static final Headers JSON =
            Headers.builder().add("content-type", "application/json").build();
    private static final long SECOND = 1_000_000_000L;

    private final Chance chance;
    private final Dialect dialect;
    private final boolean streamed;
    private final String tag;
    private final String model;
    /** Where the chunks of a body are cut, drawn once for a script. */
    private final int chunk;

    private final long gap;
    private final boolean calm;

    /**
     * Scripts of one exchange.
     *
     * @param tag begins the response's text, so that no two responses can be taken for each other
     * @param model the model that is asked, which may have a limit of its own
     * @param calm whether what the service sends comes soon
     */
    Scripts(Chance chance, Dialect dialect, boolean streamed, String tag, String model, boolean calm) {
        this.chance = chance;
        this.dialect = dialect;
        this.streamed = streamed;
        this.tag = tag;
        this.model = model;
        this.chunk = chance.oneIn(3) ? chance.between(4, 60) : 1 << 20;
        this.calm = calm;
        this.gap = calm ? 0 : chance.oneIn(3) ? 0 : chance.millis(1, chance.oneIn(12) ? 60_000 : 200);
    }

    /** What an exchange of an endpoint does that is out of order in that way. */
    Script of(RoutePlan.Kind outage) {
        return switch (outage) {
            case REFUSED -> new Script("refused").fail(0, Kind.CONNECT, true).ends(TransportException.class);
            case UNAVAILABLE ->
                error("503", 503, "server_unavailable", "try later").ends(OverloadedException.class);
            case SILENT -> new Script("silent");
            case LIMITED_FOR_AN_HOUR -> limited(Hints.TOO_LONG);
            case CUT -> cut();
        };
    }

    private Script cut() {
        byte[] body = bytes(streamed ? dialect.beginning() + dialect.word(tag) : dialect.whole(tag));
        Script script = new Script("cut").head(latency(), 200, streamed ? SSE : JSON);
        script.text = tag;
        return script.body(body, 0, chance.between(0, body.length - 1), chunk, gap)
                .fail(gap, Kind.RESET, false);
    }

    /**
     * Draws a script.
     *
     * @param faults percentage of scripts that are none of a healthy service
     */
    Script draw(int faults) {
        if (!chance.percent(faults)) {
            return good();
        }
        return switch (chance.below(10)) {
            case 0, 1 -> withoutAnswer();
            case 2, 3 -> throttled();
            case 4, 5, 6 -> errorStatus();
            default -> streamed ? brokenStream() : brokenAnswer();
        };
    }

    /** What an exchange with a service that is overloaded or gone does. */
    Script ofOutage() {
        return switch (chance.below(5)) {
            case 0, 1 -> error("503", 503, "server_unavailable", "try later").ends(OverloadedException.class);
            case 2 -> html("502", 502).ends(ServerException.class);
            case 3 -> new Script("refused-stream").fail(0, Kind.REFUSED, true).ends(TransportException.class);
            default -> new Script("refused").fail(0, Kind.CONNECT, true).ends(TransportException.class);
        };
    }

    private long latency() {
        return calm
                ? chance.millis(1, 100)
                : chance.oneIn(4) ? 0 : chance.millis(1, chance.oneIn(10) ? 100_000 : 2_000);
    }

    // --- nothing arrives ---------------------------------------------------------------------------------------

    private Script withoutAnswer() {
        return switch (chance.below(18)) {
            case 0 -> new Script("refused").fail(latency(), Kind.CONNECT, true).ends(TransportException.class);
            case 1 ->
                new Script("connect-timeout")
                        .fail(5 * SECOND, Kind.CONNECT_TIMEOUT, true)
                        .ends(DeadlineExceededException.class);
            case 2 -> new Script("pool-full").fail(0, Kind.POOL_FULL, true).ends(RejectedException.class);
            case 3 ->
                new Script("pool-timeout")
                        .fail(10 * SECOND, Kind.POOL_TIMEOUT, true)
                        .ends(DeadlineExceededException.class);
            case 4 -> new Script("tls").fail(latency(), Kind.TLS, true).ends(TransportException.class);
            case 5, 6, 7 ->
                new Script("stale").fail(latency(), Kind.STALE_CONNECTION, true).ends(TransportException.class);
            case 8 ->
                new Script("reset-processed")
                        .fail(latency(), chance.oneIn(2) ? Kind.RESET : Kind.PROTOCOL, false)
                        .ends(TransportException.class)
                        .forGood();
            case 9, 10 -> new Script("reset-unprocessed").fail(latency(), Kind.RESET, true);
            case 11, 12, 13 ->
                new Script("refused-stream").fail(latency(), Kind.REFUSED, true).ends(TransportException.class);
            case 14, 15 ->
                new Script("idle-close").fail(latency(), Kind.IDLE_CLOSE, false).ends(TransportException.class);
            case 16 ->
                new Script("wrong-setting")
                        .fail(latency(), chance.oneIn(2) ? Kind.UNKNOWN_HOST : Kind.CERTIFICATE, true)
                        .ends(TransportException.class)
                        .forGood();
            default -> new Script("silent");
        };
    }

    // --- errors ------------------------------------------------------------------------------------------------

    private Script throttled() {
        int drawn = chance.below(Hints.COUNT + 6);
        if (drawn >= Hints.COUNT) {
            return switch (drawn - Hints.COUNT) {
                case 0, 1 ->
                    error("quota", 429, "exceeded_current_quota_error", "You exceeded your current token quota")
                            .ends(QuotaExceededException.class)
                            .forGood();
                case 2, 3 ->
                    error("engine-overloaded", 429, "engine_overloaded_error", "The engine is currently overloaded")
                            .ends(OverloadedException.class);
                // a day's limit is not outlasted by backing off
                case 4 ->
                    error("tpd", 429, "rate_limit_reached_error", "request reached organization TPD limit")
                            .forGood();
                default -> error("unnamed-429", 429, "", "").ends(RateLimitException.class);
            };
        }
        return limited(Hints.of(drawn));
    }

    private Script limited(Hints hint) {
        Headers.Builder headers = Headers.builder().add("content-type", "application/json");
        String message = "request reached organization max RPM: 3, please " + hint.add(headers);
        boolean ofModel = !model.equals(SimProtocol.MODEL) && chance.oneIn(2);
        String body = dialect.error("rate_limit_reached_error", ofModel ? "model " + model + ": " + message : message);
        Script script = answer("limited " + hint, 429, headers.build(), body);
        script.hintNanos = hint.nanos();
        script.ofModel = ofModel;
        return script.ends(RateLimitException.class);
    }

    private Script errorStatus() {
        return switch (chance.below(14)) {
            case 0, 1 -> error("500", 500, "server_error", "oops").ends(ServerException.class);
            case 2 -> html("502", 502).ends(ServerException.class);
            case 3, 4 -> error("503", 503, "server_unavailable", "try later").ends(OverloadedException.class);
            case 5 -> error("529", 529, "overloaded_error", "Overloaded").ends(OverloadedException.class);
            case 6 -> html("504", 504).ends(ServerException.class);
            case 7 -> error("408", 408, "", "").ends(ServerException.class);
            case 8 ->
                error("400", 400, "invalid_request_error", "Invalid request: invalid temperature")
                        .ends(InvalidRequestException.class)
                        .forGood();
            case 9 ->
                error("filtered", 400, "content_filter", "The request was rejected because it was considered high risk")
                        .ends(ContentFilteredException.class)
                        .forGood();
            case 10, 11 ->
                error("401", 401, "invalid_authentication_error", "Invalid Authentication")
                        .ends(AuthenticationException.class);
            case 12 ->
                error("403", 403, "permission_denied_error", "no")
                        .ends(PermissionException.class)
                        .forGood();
            default ->
                chance.oneIn(2)
                        ? error("404", 404, "resource_not_found_error", "Not found the model")
                                .ends(InvalidRequestException.class)
                                .forGood()
                        : cutError();
        };
    }

    private Script cutError() {
        byte[] body = bytes(dialect.error("server_error", "it broke and then the connection did"));
        return new Script("500-cut")
                .head(latency(), 500, JSON)
                .body(body, 0, chance.between(1, body.length), chunk, gap)
                .fail(gap, Kind.RESET, chance.oneIn(2));
    }

    private Script error(String name, int status, String type, String message) {
        return answer(name, status, JSON, type.isEmpty() ? "" : dialect.error(type, message));
    }

    private Script html(String name, int status) {
        return answer(name, status, Headers.empty(), "<html><h1>" + status + " Bad Gateway</h1></html>");
    }

    private Script answer(String name, int status, Headers headers, String body) {
        byte[] bytes = bytes(body);
        return new Script(name)
                .head(latency(), status, headers)
                .body(bytes, 0, bytes.length, chunk, chance.oneIn(20) && !calm ? SECOND * 30 : 0)
                .complete(chance.oneIn(3) ? gap : 0);
    }

    // --- responses -----------------------------------------------------------------------------------------------

    private Script good() {
        return streamed ? goodStream() : goodAnswer();
    }

    private Script goodAnswer() {
        Script script = answer("answer", 200, JSON, dialect.whole(tag)).whole();
        script.text = tag;
        return script;
    }

    private Script brokenAnswer() {
        byte[] body = bytes(dialect.whole(tag));
        int cut = chance.between(0, body.length - 1);
        Script script = new Script("").head(latency(), 200, JSON);
        script.text = tag;
        return switch (chance.below(6)) {
            case 0 -> copy("answer-cut", script.body(body, 0, cut, chunk, gap)).fail(gap, Kind.RESET, chance.oneIn(3));
            case 1 ->
                copy("answer-short", script.body(body, 0, cut, chunk, gap))
                        .complete(gap)
                        .ends(ServerException.class);
            case 2 -> copy("answer-stalls", script.body(body, 0, cut, chunk, gap));
            case 4 ->
                copy("answer-rejected", script.body(dialect.unreadable()))
                        .complete(gap)
                        .ends(ServerException.class)
                        .forGood();
            case 3 ->
                copy("answer-is-error", script.body(dialect.error("engine_overloaded_error", "overloaded")))
                        .complete(0)
                        .ends(OverloadedException.class);
            default ->
                copy("answer-drips", script.body(body, 0, body.length, 8, 100_000_000L))
                        .complete(0)
                        .whole();
        };
    }

    private Script goodStream() {
        Script script = new Script("stream").whole();
        StringBuilder body = new StringBuilder(1024).append(dialect.beginning());
        script.text = words(body, chance.oneIn(8) ? chance.between(30, 90) : chance.below(9));
        body.append(dialect.end());
        byte[] bytes = bytes(body.toString());
        script.head(latency(), 200, SSE).body(bytes, 0, bytes.length, chunk, gap);
        switch (chance.below(6)) {
            case 0 -> script.body(": late\n\n: bytes\n\n").complete(chance.millis(1, 5_000));
            case 1 -> script.fail(gap, Kind.RESET, false);
            case 2 -> script.body(": and then nothing\n\n");
            default -> script.complete(chance.oneIn(2) ? 0 : gap);
        }
        return script;
    }

    private Script brokenStream() {
        StringBuilder text = new StringBuilder(1024).append(dialect.beginning());
        String words = words(text, chance.below(9));
        Script script = new Script("").head(latency(), 200, SSE);
        script.text = words;
        byte[] begun = bytes(text.toString());
        text.append(dialect.end());
        byte[] whole = bytes(text.toString());
        int cut = chance.between(0, whole.length - 8);
        String error = "data: " + dialect.error("engine_overloaded_error", "The engine is overloaded") + "\n\n";
        return switch (chance.below(9)) {
            case 0 -> {
                script.text = "";
                Script failing = copy("error-first", script.body(error));
                // what comes after the error is for nobody
                yield (chance.oneIn(2) ? failing.body(begun, 0, begun.length, chunk, gap) : failing)
                        .complete(0)
                        .ends(OverloadedException.class);
            }
            case 1 ->
                copy(
                                "error-midway",
                                script.body(begun, 0, begun.length, chunk, gap).body(error))
                        .complete(gap);
            case 2 -> copy("cut", script.body(whole, 0, cut, chunk, gap)).fail(gap, Kind.RESET, chance.oneIn(3));
            case 3 -> copy("cut-well", script.body(whole, 0, cut, chunk, gap)).complete(gap);
            case 4 ->
                copy("no-end-mark", script.body(begun, 0, begun.length, chunk, gap))
                        .complete(gap);
            case 5 -> copy("stalls", script.body(whole, 0, cut, chunk, gap));
            case 6 ->
                copy(
                                "malformed",
                                script.body(begun, 0, begun.length, chunk, gap).body(dialect.malformed()))
                        .complete(gap);
            case 7 ->
                copy(
                        "comments",
                        script.body(begun, 0, begun.length, chunk, gap)
                                .body(bytes(": alive\n\n".repeat(30)), 0, 270, 9, 5 * SECOND));
            default ->
                copy("drips", script.body(whole, 0, whole.length, 3, 20_000_000L))
                        .complete(0)
                        .whole();
        };
    }

    private static Script copy(String name, Script script) {
        Script named = new Script(name);
        named.steps.addAll(script.steps);
        named.text = script.text;
        return named;
    }

    private String words(StringBuilder body, int more) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i <= more; i++) {
            String word = i == 0 ? tag : " " + i;
            text.append(word);
            body.append(dialect.word(word));
        }
        return text.toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
