package dev.kimi.test.gateway;

import java.net.URI;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A running gateway that {@link GatewayContract} is run against. */
public interface GatewayUnderTest extends AutoCloseable {

    /** Where it listens: {@code http}, host and port. */
    URI baseUri();

    /** What clients call it with; may use both models without a limit. */
    String credential();

    /** The model behind Kimi as clients call it: with {@code claude} or {@code anthropic} in its name. */
    String kimiModel();

    /** The model behind Claude as clients call it. */
    String claudeModel();

    /**
     * After how much silence the gateway sends a ping. As short as it can be set: the tests wait for some dozens.
     *
     * @return 15 seconds, unless overridden
     */
    default Duration pingInterval() {
        return Duration.ofSeconds(15);
    }

    /** Makes the gateway forget what earlier calls have taught it, such as the wait that a 429 asked for. */
    default void reset() {}

    /** A credential of another tenant, or null: then nothing is tested that needs two. */
    default @Nullable String otherCredential() {
        return null;
    }

    /** A credential whose budget of money is used up, or null: then nothing is tested that needs one. */
    default @Nullable String spentCredential() {
        return null;
    }

    /** How often the gateway has dropped something of a request, by its metric; empty if it does not count that. */
    default OptionalLong dropped() {
        return OptionalLong.empty();
    }

    /** What the gateway has logged, all of it; empty if that cannot be read. */
    default String log() {
        return "";
    }

    /** The longest body that it reads, in bytes; 32 MiB unless overridden. */
    default long maxBody() {
        return 32L << 20;
    }

    /**
     * After how many failures of a service in a row, at most, the gateway rejects a call without sending it, or 0 if it
     * never does.
     *
     * @return 0, unless overridden
     */
    default int failuresThatOpenTheCircuit() {
        return 0;
    }

    /** How long a test waits for what must come before it fails; 20 seconds unless overridden. */
    default Duration patience() {
        return Duration.ofSeconds(20);
    }

    @Override
    void close();
}
