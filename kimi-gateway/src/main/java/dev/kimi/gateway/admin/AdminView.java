package dev.kimi.gateway.admin;

import dev.kimi.gateway.key.KeyUsage;
import dev.kimi.gateway.key.VirtualKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the API of the admin face sends, as it is written into JSON. Content of calls has no place in it. */
final class AdminView {

    private AdminView() {}

    /**
     * @param now milliseconds since 1970
     * @param calls calls that go on
     * @param streams those of them that are streams which have begun
     * @param firstEventP50 milliseconds, of the streams that began within the last minute or so; null without any
     */
    record Overview(
            long now,
            int calls,
            int streams,
            @Nullable Long firstEventP50,
            @Nullable Long firstEventP95,
            Series series,
            List<Endpoint> endpoints,
            List<Client> clients,
            List<Call> oldest) {}

    /**
     * Intervals of five seconds one after another, the last of which is still running; an array for each figure.
     *
     * @param first number of the first interval
     * @param millis length of each
     * @param runningMillis how much of the last one has passed
     * @param failed for which no service responded well, or not to the end
     * @param rejected by the gateway, or by a service for what was wrong with them
     */
    record Series(
            long first,
            long millis,
            long runningMillis,
            long[] requests,
            long[] failed,
            long[] rejected,
            Limited limited,
            Tokens tokens,
            long[] streams,
            FirstEvent firstEvent) {}

    /** Calls that were rate limited, by who had enough. */
    record Limited(long[] byKey, long[] byBudget, long[] byService) {}

    /**
     * @param written that were written then, which is known once a call has ended
     * @param reported those of the calls that ended then
     */
    record Tokens(long[] written, long[] reported) {}

    /** Milliseconds; null where no stream began. */
    record FirstEvent(@Nullable Long[] p50, @Nullable Long[] p95) {}

    /**
     * @param light {@code ok}, {@code warn}, {@code down} or {@code idle}
     * @param reason why, for people
     * @param service host of its base URL; empty where that is not known
     */
    record Endpoint(
            String name,
            String light,
            String reason,
            String protocol,
            String service,
            String model,
            Lately lately,
            List<Circuit> circuits) {}

    /** Of the calls that an endpoint responded to within the last five minutes. */
    record Lately(
            long calls, long failed, long limited, @Nullable Long firstEventP50) {}

    /** @param state {@code closed}, {@code half-open} or {@code open} */
    record Circuit(String model, String state) {}

    /**
     * What a client of the engine does.
     *
     * @param retryBudget 0 to 500
     * @param connections open ones, -1 where that is not known
     */
    record Client(
            String name,
            int queued,
            int sending,
            int receiving,
            int inBackOff,
            int retryBudget,
            int connections,
            int maxConnections,
            int waitingForConnection) {}

    /**
     * @param phase {@code admission}, {@code waiting}, {@code streaming} or, of what is no stream, {@code sending}
     * @param tokens written so far as the service has reported, 0 before it did
     */
    record Call(
            String id,
            String operation,
            String protocol,
            @Nullable String keyId,
            @Nullable String model,
            @Nullable String endpoint,
            String phase,
            int attempts,
            long tokens,
            Times times) {}

    /**
     * @param ageMillis since it began
     * @param firstByteMillis what it waited for its first byte; null before
     */
    record Times(long ageMillis, @Nullable Long firstByteMillis) {}

    /** @param enabled whether there is a store, so that keys can be issued */
    record Keys(boolean enabled, int more, List<Key> keys) {}

    /**
     * A key without its characters.
     *
     * @param state {@code active}, {@code off}, {@code expired}, {@code not-yet} or {@code revoked}
     * @param endings the last characters of those that are valid
     */
    record Key(
            String id,
            String name,
            String state,
            List<String> endings,
            String created,
            @Nullable String expires,
            List<String> models,
            VirtualKey.Limits limits,
            KeyUsage usage) {}

    /** @param guard what requests that change something repeat in {@code x-csrf-token} */
    record Session(String guard) {}

    /** @param detail for people: what happened and what to do */
    record Problem(int status, String detail) {}
}
