package dev.kimi.gateway.key.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.kimi.gateway.key.VirtualKey;
import dev.kimi.gateway.key.VirtualKey.Limits;
import dev.kimi.gateway.key.VirtualKey.Secret;
import dev.kimi.gateway.key.VirtualKey.Terms;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Keys as JSON that people can write too: what is not there has no limit, and a name that nobody reads is an error,
 * since a limit would else be missing in silence.
 */
final class KeyJson {

    static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .changeDefaultPropertyInclusion(value -> value.withValueInclusion(JsonInclude.Include.NON_EMPTY))
            .build();

    private KeyJson() {}

    static String write(VirtualKey key) {
        return MAPPER.writeValueAsString(Entry.of(key));
    }

    /** @param place where it is, for the message of what is thrown */
    static VirtualKey read(String json, String place) {
        try {
            return MAPPER.readValue(json, Entry.class).key();
        } catch (JacksonException | IllegalArgumentException e) {
            throw Failures.of(place + ": " + problem(e));
        }
    }

    /** What is wrong, without what else stands there. */
    static String problem(RuntimeException e) {
        if (!(e instanceof JacksonException broken)) {
            return String.valueOf(e.getMessage());
        }
        TokenStreamLocation location = broken.getLocation();
        String line = location == null ? "" : "line " + location.getLineNr() + ", ";
        if (broken instanceof StreamReadException) {
            return line + "not well-formed JSON.";
        }
        String message = String.valueOf(broken.getOriginalMessage());
        int end = message.indexOf('\n');
        return line + (end < 0 ? message : message.substring(0, end));
    }

    /** A key as it stands in a file. */
    record Entry(
            @Nullable String id,
            @Nullable String name,
            @Nullable List<String> models,
            @Nullable LimitsEntry limits,
            @Nullable Boolean enabled,
            @Nullable Instant notBefore,
            @Nullable Instant expires,
            @Nullable Instant created,
            @Nullable Instant revoked,
            @Nullable List<SecretEntry> secrets) {

        static Entry of(VirtualKey key) {
            Terms terms = key.terms();
            return new Entry(
                    key.id(),
                    terms.name(),
                    terms.models(),
                    LimitsEntry.of(terms.limits()),
                    terms.enabled() ? null : false,
                    terms.notBefore(),
                    terms.expires(),
                    key.created(),
                    key.revoked(),
                    key.secrets().stream().map(SecretEntry::of).toList());
        }

        VirtualKey key() {
            if (id == null) {
                throw new IllegalArgumentException("a key has no id");
            }
            Terms terms = new Terms(
                    name == null ? id : name,
                    models == null ? List.of() : models,
                    limits == null ? Limits.NONE : limits.limits(),
                    enabled == null || enabled,
                    notBefore,
                    expires);
            List<SecretEntry> entries = secrets == null ? List.of() : secrets;
            return new VirtualKey(
                    id,
                    terms,
                    entries.stream().map(SecretEntry::secret).toList(),
                    created == null ? Instant.EPOCH : created,
                    revoked);
        }
    }

    /** The limits of a key as they stand in a file; 0 and absent for none. */
    record LimitsEntry(
            @Nullable Long requestsPerMinute,
            @Nullable Long tokensPerMinute,
            @Nullable Integer concurrency,
            @Nullable Integer sessionConcurrency,
            @Nullable BigDecimal budgetPerDay,
            @Nullable BigDecimal budgetPerMonth) {

        static @Nullable LimitsEntry of(Limits limits) {
            if (limits.equals(Limits.NONE)) {
                return null;
            }
            return new LimitsEntry(
                    limits.requestsPerMinute() == 0 ? null : limits.requestsPerMinute(),
                    limits.tokensPerMinute() == 0 ? null : limits.tokensPerMinute(),
                    limits.concurrency() == 0 ? null : limits.concurrency(),
                    limits.sessionConcurrency() == 0 ? null : limits.sessionConcurrency(),
                    limits.budgetPerDay(),
                    limits.budgetPerMonth());
        }

        Limits limits() {
            return new Limits(
                    requestsPerMinute == null ? 0 : requestsPerMinute,
                    tokensPerMinute == null ? 0 : tokensPerMinute,
                    concurrency == null ? 0 : concurrency,
                    sessionConcurrency == null ? 0 : sessionConcurrency,
                    budgetPerDay,
                    budgetPerMonth);
        }
    }

    /** What is valid for a key, as it stands in a file. */
    record SecretEntry(
            @Nullable String hash,
            @Nullable String ending,
            @Nullable Instant created,
            @Nullable Instant expires) {

        static SecretEntry of(Secret secret) {
            return new SecretEntry(secret.hash(), secret.ending(), secret.created(), secret.expires());
        }

        Secret secret() {
            return new Secret(
                    hash == null ? "" : hash,
                    ending == null ? "" : ending,
                    created == null ? Instant.EPOCH : created,
                    expires);
        }

        @Override
        public String toString() {
            return "SecretEntry[..." + ending + "]";
        }
    }
}
