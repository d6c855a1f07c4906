package dev.kimi;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.auth.CredentialsProviderFactory;
import dev.kimi.batch.BatchWindow;
import dev.kimi.batch.BatchWindowFactory;
import dev.kimi.error.ConfigurationException;
import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaFactory;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.retry.RetryPolicyFactory;
import dev.kimi.spi.ProviderFactory;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.Timer;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportFactory;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a client that providers make: where in the settings each is configured, and which providers there are.
 * Immutable.
 *
 * @param <T> what its providers make
 */
public final class Part<T> {

    /** Settings {@code kimi.auth.*}; by default {@code api-key}. */
    public static final Part<CredentialsProvider> AUTH = new Part<>(
            "auth", "provider", "api-key", CredentialsProviderFactory.class, List.of(new BuiltIn.ApiKey()), Set.of());

    /** Settings {@code kimi.transport.*}; by default {@code vertx}, or the only one on the class path. */
    public static final Part<Transport> TRANSPORT =
            new Part<>("transport", "provider", "vertx", TransportFactory.class, List.of(), Set.of());

    /** Settings {@code kimi.retry.*}; by default {@code standard}. */
    public static final Part<RetryPolicy> RETRY = new Part<>(
            "retry",
            "preset",
            "standard",
            RetryPolicyFactory.class,
            BuiltIn.retryPolicies(),
            Set.of(ClientAssembly.REPLAY_ON_IDLE_CLOSE));

    /** Settings {@code kimi.quota.*}; by default {@code local}, or no quota without any setting. */
    public static final Part<Quota> QUOTA =
            new Part<>("quota", "provider", "local", QuotaFactory.class, BuiltIn.quotas(), Set.of());

    /** Settings {@code kimi.batch.*}; by default {@code fixed}. */
    public static final Part<BatchWindow> BATCH =
            new Part<>("batch", "window", "fixed", BatchWindowFactory.class, BuiltIn.batchWindows(), Set.of());

    private static final List<Part<?>> ALL = List.of(AUTH, TRANSPORT, RETRY, QUOTA, BATCH);

    private final String prefix;
    private final String selector;
    private final String usual;
    private final Class<? extends ProviderFactory<T>> type;
    private final List<? extends ProviderFactory<T>> builtIn;
    private final Set<String> clientSettings;

    private Part(
            String prefix,
            String selector,
            String usual,
            Class<? extends ProviderFactory<T>> type,
            List<? extends ProviderFactory<T>> builtIn,
            Set<String> clientSettings) {
        this.prefix = prefix;
        this.selector = prefix + "." + selector;
        this.usual = usual;
        this.type = type;
        this.builtIn = builtIn;
        this.clientSettings = clientSettings;
    }

    /** All of them. */
    public static List<Part<?>> all() {
        return ALL;
    }

    /** Where below {@code kimi} the settings of its provider are, such as {@code transport}. */
    public String prefix() {
        return prefix;
    }

    /** The setting below {@code kimi} that names the provider, such as {@code transport.provider}. */
    public String selector() {
        return selector;
    }

    /** The name of the provider where none is set. */
    public String usual() {
        return usual;
    }

    /** The settings below the prefix that the client itself reads, whatever the provider; without the prefix. */
    public Set<String> clientSettings() {
        return clientSettings;
    }

    /**
     * Where below {@code kimi} a setting is, such as {@code transport.max-connections}: below the prefix, but for
     * {@code api-key}.
     *
     * @param setting its name, as a factory declares it
     */
    public String path(String setting) {
        return this == AUTH && setting.equals(BuiltIn.ApiKey.NAME) ? setting : prefix + "." + setting;
    }

    /**
     * Begins the settings of its provider, for programs that make a part themselves to share it between clients.
     *
     * @param timer the timer that the provider must use; its owner closes it
     */
    public ProviderSettings.Builder settings(Timer timer) {
        return ProviderSettings.builder("kimi." + prefix, timer);
    }

    /**
     * Every factory there is, built in or on the class path; those that cannot be loaded are left out. Looks anew at
     * each call.
     *
     * @throws ConfigurationException if two have the same name
     */
    public Collection<ProviderFactory<T>> factories() {
        return providers().all();
    }

    /**
     * The factory of that name, for programs that make a part themselves to share it between clients; see
     * {@link #settings(Timer)} for what it is made with.
     *
     * @param name as in the setting {@link #selector()}; null for the {@linkplain #usual() usual} one, or the only one
     *     there is
     * @throws ConfigurationException if there is none of that name; it says which there are
     */
    public ProviderFactory<T> factory(@Nullable String name) {
        return providers().get(name, usual);
    }

    private Providers<ProviderFactory<T>> providers() {
        return new Providers<>("kimi." + selector, type, builtIn);
    }

    /**
     * Looks whether somebody reads the settings.
     *
     * @param chosen the factory that is given them
     * @param settings their names
     * @throws ConfigurationException for the first that neither it, nor another provider, nor the client reads; it says
     *     which may have been meant
     */
    void check(ProviderFactory<?> chosen, Set<String> settings) {
        Set<String> read = chosen.settings();
        if (read == null || read.containsAll(settings)) {
            return;
        }
        Set<String> known = new TreeSet<>(clientSettings);
        known.addAll(read);
        for (ProviderFactory<T> factory : factories()) {
            Set<String> others = factory.settings();
            known.addAll(others == null ? Set.of() : others);
        }
        for (String setting : new TreeSet<>(settings)) {
            if (!known.contains(setting)) {
                throw unknown(setting, known);
            }
        }
    }

    private ConfigurationException unknown(String setting, Set<String> known) {
        String name = "kimi." + path(setting);
        String meant = ProviderSettings.nearest(setting, known);
        return new ConfigurationException(
                name,
                "There is no setting " + name + ".",
                meant != null
                        ? "Did you mean kimi." + path(meant) + "?"
                        : "Remove it, or write one of those below kimi." + prefix + ": " + String.join(", ", known)
                                + ".");
    }

    @Override
    public String toString() {
        return "Part[" + prefix + "]";
    }
}
