package dev.kimi.spi;

import dev.kimi.error.ConfigurationException;
import dev.kimi.internal.util.DurationText;
import dev.kimi.internal.util.UserAgent;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timeouts;
import dev.kimi.time.Timer;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a provider is built from: the settings below its prefix (for a transport {@code kimi.transport.*}), with names
 * in kebab case, and the clock, timer and randomness that it must use instead of its own. Immutable; does not print its
 * values, since they may be secrets.
 */
public final class ProviderSettings {

    private static final Duration LONGEST = Duration.ofDays(365);
    private static final Pattern AMOUNT = Pattern.compile("(\\d{1,12})([kKmM])?");

    private final String prefix;
    private final Map<String, String> values;
    private final TimeSource time;
    private final Timer timer;
    private final RandomGenerator random;
    private final Timeouts timeouts;
    private final @Nullable Supplier<TlsMaterial> tls;

    private ProviderSettings(Builder builder) {
        this.prefix = builder.prefix;
        this.values = Map.copyOf(builder.values);
        this.time = builder.time;
        this.timer = builder.timer;
        this.random = builder.random;
        this.timeouts = builder.timeouts;
        this.tls = builder.tls;
    }

    /**
     * @param prefix where the settings stand, such as {@code kimi.transport}; used in messages
     * @param timer the timer that the provider must use; its owner closes it
     */
    public static Builder builder(String prefix, Timer timer) {
        return new Builder(prefix, timer);
    }

    /** The clock to use. */
    public TimeSource time() {
        return time;
    }

    /** The timer to use; the client closes it. */
    public Timer timer() {
        return timer;
    }

    /** The randomness to use; safe for many threads. */
    public RandomGenerator random() {
        return random;
    }

    /** The client's timeouts. */
    public Timeouts timeouts() {
        return timeouts;
    }

    /**
     * Where a transport takes its TLS material from; null, the default, for what the JVM trusts and no client
     * certificate. A transport asks it for each exchange that it begins. When the material has changed, new connections
     * are opened with the new one, and those opened with the old one begin no further exchange.
     */
    public @Nullable Supplier<TlsMaterial> tls() {
        return tls;
    }

    /** What a provider that calls a server of its own sends as {@code User-Agent}: this library with its version. */
    public String userAgent() {
        return UserAgent.LIBRARY;
    }

    /** The setting, or null when it is not set or blank. */
    public @Nullable String find(String name) {
        return values.get(name);
    }

    /** The setting, or the default when it is not set. */
    public String get(String name, String defaultValue) {
        return values.getOrDefault(name, defaultValue);
    }

    /**
     * The setting.
     *
     * @throws ConfigurationException if it is not set
     */
    public String require(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new ConfigurationException(
                    fullName(name), "The setting " + fullName(name) + " is missing.", "Set " + fullName(name) + ".");
        }
        return value;
    }

    /**
     * A whole number of at least one.
     *
     * @throws ConfigurationException if the setting is no such number
     */
    public int positive(String name, int defaultValue) {
        String value = values.get(name);
        if (value == null) {
            return defaultValue;
        }
        try {
            int number = Integer.parseInt(value.trim());
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // rejected below, with the same message as a number out of range
        }
        throw wrong(name, "a whole number of at least 1");
    }

    /**
     * A number above zero, decimals allowed.
     *
     * @throws ConfigurationException if the setting is no such number
     */
    public double positive(String name, double defaultValue) {
        String value = values.get(name);
        if (value == null) {
            return defaultValue;
        }
        try {
            double number = Double.parseDouble(value.trim());
            if (number > 0 && number < Double.POSITIVE_INFINITY) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // rejected below, with the same message as a number out of range
        }
        throw wrong(name, "a number above 0");
    }

    /**
     * A whole number of at least one, in which {@code k} and {@code M} stand for thousands and millions.
     *
     * @throws ConfigurationException if the setting is no such number
     */
    public long amount(String name, long defaultValue) {
        String value = values.get(name);
        if (value == null) {
            return defaultValue;
        }
        Matcher amount = AMOUNT.matcher(value.trim());
        if (amount.matches()) {
            long unit = amount.group(2) == null ? 1 : amount.group(2).equalsIgnoreCase("k") ? 1_000 : 1_000_000;
            long number = Long.parseLong(amount.group(1)) * unit;
            if (number > 0) {
                return number;
            }
        }
        throw wrong(name, "a whole number of at least 1, such as 200, 500k or 2M");
    }

    /**
     * A length of time above zero: {@code 500ms}, {@code 10s}, {@code 5m}, {@code 2h}, {@code 1d} or ISO-8601. More
     * than a year counts as a year.
     *
     * @throws ConfigurationException if the setting is no such length of time
     */
    public Duration duration(String name, Duration defaultValue) {
        String value = values.get(name);
        if (value == null) {
            return defaultValue;
        }
        Duration duration = Durations.parse(value.trim());
        if (duration == null || duration.isZero() || duration.isNegative()) {
            throw wrong(name, "a time such as 500ms, 10s or 5m");
        }
        return duration.compareTo(LONGEST) > 0 ? LONGEST : duration;
    }

    /**
     * A length of time as settings are written, in the largest unit that leaves no rest: {@code 500ms}, {@code 2s},
     * {@code 15m}.
     */
    public static String text(Duration duration) {
        return DurationText.of(duration);
    }

    /**
     * {@code true} or {@code false}, in any case.
     *
     * @throws ConfigurationException if the setting is neither
     */
    public boolean flag(String name, boolean defaultValue) {
        String value = values.get(name);
        if (value == null) {
            return defaultValue;
        }
        String word = value.trim();
        if (word.equalsIgnoreCase("true")) {
            return true;
        }
        if (word.equalsIgnoreCase("false")) {
            return false;
        }
        throw wrong(name, "true or false");
    }

    /**
     * What somebody may have meant who wrote a name that there is not: a name with few letters that differ, or the only
     * one with the same words in another order, or with the same last element.
     *
     * @param name elements in kebab case, with dots between them
     * @param known the names there are
     * @return one of those, or null if none is near
     */
    public static @Nullable String nearest(String name, Collection<String> known) {
        return NearestName.find(name, known);
    }

    /** The complete name of a setting, for messages. */
    public String fullName(String name) {
        return prefix + "." + name;
    }

    private ConfigurationException wrong(String name, String expected) {
        // the value itself is not shown: it may be a secret that was put under the wrong name
        return new ConfigurationException(
                fullName(name),
                "The setting " + fullName(name) + " has a value that cannot be used.",
                "Write " + expected + ".");
    }

    @Override
    public String toString() {
        return "ProviderSettings[" + prefix + ", " + new TreeMap<>(values).keySet() + "]";
    }

    /** Collects settings. Not thread-safe. */
    public static final class Builder {
        private final String prefix;
        private final Timer timer;
        private final Map<String, String> values = new TreeMap<>();
        private TimeSource time = TimeSource.system();
        private RandomGenerator random = new SharedRandom();
        private Timeouts timeouts = Timeouts.defaults();
        private @Nullable Supplier<TlsMaterial> tls;

        private Builder(String prefix, Timer timer) {
            this.prefix = Objects.requireNonNull(prefix, "prefix");
            this.timer = Objects.requireNonNull(timer, "timer");
        }

        /** Sets a value; null and blank mean not set. */
        public Builder set(String name, @Nullable String value) {
            if (value == null || value.isBlank()) {
                values.remove(name);
            } else {
                values.put(name, value);
            }
            return this;
        }

        /** Sets all of them. */
        public Builder setAll(Map<String, String> all) {
            all.forEach(this::set);
            return this;
        }

        public Builder time(TimeSource value) {
            this.time = Objects.requireNonNull(value);
            return this;
        }

        public Builder random(RandomGenerator value) {
            this.random = Objects.requireNonNull(value);
            return this;
        }

        public Builder timeouts(Timeouts value) {
            this.timeouts = Objects.requireNonNull(value);
            return this;
        }

        /** See {@link ProviderSettings#tls}; safe for many threads, does not block. Null, the default, for none. */
        public Builder tls(@Nullable Supplier<TlsMaterial> value) {
            this.tls = value;
            return this;
        }

        public ProviderSettings build() {
            return new ProviderSettings(this);
        }
    }
}
