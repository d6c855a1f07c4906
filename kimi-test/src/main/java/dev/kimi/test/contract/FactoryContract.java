package dev.kimi.test.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.Part;
import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderFactory;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportRequest;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link ProviderFactory} must do: be found by its name, declare its settings if it wants them checked, and
 * name the setting that is missing or wrong. Makes clients with it, which send nothing.
 */
@Timeout(60)
public abstract class FactoryContract {

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
    private static final Pattern SETTING = Pattern.compile(NAME + "(\\." + NAME + ")*");
    private static final String WRONG = "not a value";
    private static final String UNKNOWN = "setting-that-there-is-not";

    /** The part that it makes, such as {@link Part#TRANSPORT}. */
    protected abstract Part<?> part();

    /** A new factory of the class to be tested. */
    protected abstract ProviderFactory<?> factory();

    /** Settings, by name without prefix, with which it makes its part; none by default. */
    protected Map<String, String> settings() {
        return Map.of();
    }

    /** Names of the settings that take any text, as a name or a password does; none by default. */
    protected Set<String> freeText() {
        return Set.of();
    }

    @Test
    void its_name_can_be_written_as_a_value() {
        assertTrue(NAME.matcher(factory().name()).matches(), factory().name());
    }

    /** By its file in {@code META-INF/services}, which needs a public constructor without parameters. */
    @Test
    void a_client_finds_it_by_its_name() {
        assertSame(factory().getClass(), part().factory(factory().name()).getClass());
    }

    @Test
    void the_names_of_its_settings_can_be_written_in_a_file() {
        for (String setting : declared()) {
            assertTrue(SETTING.matcher(setting).matches(), setting);
            assertFalse(part().path(setting).equals(part().selector()), () -> setting + " chooses the provider");
            assertFalse(part().clientSettings().contains(setting), () -> setting + " is for the client itself");
        }
    }

    @Test
    void it_makes_its_part() {
        build(settings());
    }

    @Test
    void a_setting_that_nobody_reads_is_rejected() {
        assumeTrue(factory().settings() != null, "it does not declare its settings");

        assertRejected(UNKNOWN, with(UNKNOWN, "x"));
    }

    @Test
    void a_wrong_value_is_rejected_with_the_full_name_of_its_setting() {
        for (String setting : declared()) {
            if (!freeText().contains(setting)) {
                assertRejected(setting, with(setting, WRONG));
            }
        }
    }

    @Test
    void a_setting_that_it_needs_is_missed_by_its_full_name() {
        for (String setting : settings().keySet()) {
            Map<String, String> others = with(setting, null);
            try {
                build(others);
            } catch (ConfigurationException missing) {
                assertNames(setting, missing);
            }
        }
    }

    private Set<String> declared() {
        Set<String> declared = factory().settings();
        return declared == null ? Set.of() : declared;
    }

    private Map<String, String> with(String setting, @Nullable String value) {
        Map<String, String> settings = new TreeMap<>(settings());
        if (value == null) {
            settings.remove(setting);
        } else {
            settings.put(setting, value);
        }
        return settings;
    }

    private void assertRejected(String setting, Map<String, String> settings) {
        ConfigurationException failure =
                assertThrows(ConfigurationException.class, () -> build(settings), () -> setting + " is not checked");
        assertNames(setting, failure);
    }

    private void assertNames(String setting, ConfigurationException failure) {
        String name = "kimi." + part().path(setting);
        assertEquals(name, failure.setting(), failure::toString);
        String message = String.valueOf(failure.getMessage());
        assertTrue(
                message.contains(name) || name.equals("kimi.api-key"),
                () -> "the message does not name it: " + message);
        assertFalse(message.contains(WRONG), () -> "the value may be a secret, and is shown: " + message);
        assertFalse(failure.problem().isBlank(), "it does not say what is wrong");
        assertFalse(failure.fix().isBlank(), "it does not say what to write");
    }

    private void build(Map<String, String> settings) {
        VirtualTime time = new VirtualTime();
        KimiClientBuilder builder =
                KimiClient.builder().time(time, time).provider(part(), factory().name());
        if (part() != Part.TRANSPORT) {
            builder.transport(new Unused());
        }
        if (part() != Part.AUTH) {
            builder.apiKey("sk-contract");
        }
        settings.forEach((name, value) -> builder.set(part(), name, value));
        try (KimiClient client = builder.build()) {
            assertNotNull(client);
        }
    }

    private static final class Unused implements Transport {
        @Override
        public Exchange send(TransportRequest request, ExchangeHandler handler) {
            throw new IllegalStateException("nothing is sent here");
        }

        @Override
        public void close() {}
    }
}
