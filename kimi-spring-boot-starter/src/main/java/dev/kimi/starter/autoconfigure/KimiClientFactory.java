package dev.kimi.starter.autoconfigure;

import dev.kimi.KimiClient;
import dev.kimi.KimiClient.WarmUp;
import dev.kimi.KimiClientBuilder;
import dev.kimi.Part;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.batch.BatchWindowFactory;
import dev.kimi.error.ConfigurationException;
import dev.kimi.event.CallListener;
import dev.kimi.oauth2.OAuth2CredentialsProviderFactory;
import dev.kimi.oauth2.RefreshTokenStore;
import dev.kimi.quota.Quota;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.starter.KimiClientCustomizer;
import dev.kimi.starter.KimiConnectionDetails;
import dev.kimi.starter.KimiProperties;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;
import dev.kimi.transport.Transport;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/** Makes the clients, and holds what they share until the context is closed. */
final class KimiClientFactory implements AutoCloseable {

    private static final String SPRING = "spring";
    private static final String OAUTH2 = "oauth2";
    private static final String SPRING_SECURITY = "spring-security";
    private static final String SECURITY_OAUTH2 =
            "org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager";
    private static final String CAFFEINE = "com.github.benmanes.caffeine.cache.Caffeine";

    private final DeclaredSettings declared = new DeclaredSettings();
    private final SettingsReader settings;
    private final ClientBeans beans;
    private final TimeSource time;
    private final Timer timer;
    private final boolean ownsTimer;
    private final SharedTransports transports;
    private final ApplicationCallbacks callbacks;
    private final Map<String, ClientSettings> ownTransports = new ConcurrentHashMap<>();
    private final Map<KimiClient, WarmUp> warmUps = new ConcurrentHashMap<>();

    KimiClientFactory(ListableBeanFactory beanFactory, Environment environment, KimiProperties properties) {
        this.beans = new ClientBeans(beanFactory, ClientNames.of(environment));
        this.settings = new SettingsReader(environment, properties, this::connection, declared);
        settings.checkReferences();
        new UnknownSettings(settings, declared, beanFactory).check(environment);
        new IgnoredSettings(settings, declared, environment, beanFactory.containsBean("kimiRetryTemplate")).warn();
        Timer timerBean = beans.find(Timer.class, ClientSettings.DEFAULT);
        TimeSource timeBean = beans.find(TimeSource.class, ClientSettings.DEFAULT);
        if ((timerBean == null) != (timeBean == null)) {
            throw new ConfigurationException(
                    "kimi",
                    "There is a bean of one of the types TimeSource and Timer, but not of the other.",
                    "Publish both, or one that is both, such as VirtualTime.");
        }
        this.ownsTimer = timerBean == null;
        this.timer = timerBean == null ? Timer.wheel("kimi-timer") : timerBean;
        this.time = timeBean == null ? TimeSource.system() : timeBean;
        this.transports =
                new SharedTransports(time, timer, new BundledTls(beanFactory.getBeanProvider(SslBundles.class)));
        this.callbacks = new ApplicationCallbacks(beanFactory, environment, timer);
    }

    /** The connection that is not the properties' own, or null. */
    private @Nullable KimiConnectionDetails connection(String client) {
        KimiConnectionDetails details = beans.find(KimiConnectionDetails.class, client);
        return details instanceof PropertiesKimiConnectionDetails ? null : details;
    }

    KimiClient defaultClient() {
        return create(settings.top());
    }

    KimiClient namedClient(String name) {
        try {
            return create(settings.named(name));
        } catch (ConfigurationException e) {
            throw NamedClientFailure.of(settings.own(name), e);
        }
    }

    private KimiClient create(ClientSettings all) {
        KimiClientBuilder builder = builder(all);
        List<ClientSettings> others = all.failover().stream()
                .map(other -> failover(all.client(), other))
                .toList();
        builder.failover(others.stream().map(this::builder).toArray(KimiClientBuilder[]::new));
        try {
            KimiClient client = builder.build();
            warmUps.put(client, all.warmUp());
            return client;
        } catch (ConfigurationException e) {
            throw ofRoute(others, e);
        }
    }

    /** The failure with the name that the setting has for that one of the others that it is of. */
    private ConfigurationException ofRoute(List<ClientSettings> others, ConfigurationException failure) {
        for (ClientSettings other : others) {
            if (!settings.clients().contains(other.client())) {
                continue;
            }
            ClientSettings own = settings.own(other.client());
            if (own.has(failure.setting().replaceFirst("^kimi\\.", ""))) {
                return NamedClientFailure.of(own, failure);
            }
            try {
                builder(other).build().close();
            } catch (ConfigurationException e) {
                return NamedClientFailure.of(own, e);
            }
        }
        return failure;
    }

    /** What is to be done before the first call of the client; one that was made elsewhere has the common setting. */
    WarmUp warmUp(KimiClient client) {
        WarmUp own = warmUps.get(client);
        return own == null ? settings.top().warmUp() : own;
    }

    private ClientSettings failover(String client, String other) {
        boolean top = ClientNames.same(other, ClientSettings.DEFAULT);
        if (ClientNames.same(other, client)
                || !top && settings.clients().stream().noneMatch(known -> ClientNames.same(known, other))) {
            throw new ConfigurationException(
                    "kimi." + FailoverSettings.CLIENTS,
                    "The client '" + other + "', where calls of client '" + client + "' are to go on, "
                            + (ClientNames.same(other, client) ? "is itself." : "is not set."),
                    "Write names below kimi.clients, of which there are: " + String.join(", ", settings.clients())
                            + ".");
        }
        return top ? settings.top() : settings.named(other);
    }

    private KimiClientBuilder builder(ClientSettings all) {
        KimiClientBuilder builder = KimiClient.builder().time(time, timer);
        String client = all.client();
        BatchWindowFactory windows = WindowBeans.find(beans, client);
        ClientSettings wanted = all.readBy(declared, windows == null ? null : Part.BATCH);
        wanted.applyTo(builder);
        Transport transport = beans.find(Transport.class, client);
        if (transport == null) {
            transport = transports.get(wanted);
            ownTransports.put(client, wanted);
        }
        builder.transport(transport);
        CredentialsProvider credentials = beans.findForAccount(CredentialsProvider.class, client);
        ifPresent(credentials == null ? credentials(wanted, transport) : credentials, builder::credentials);
        ifPresent(beans.findForAccount(Quota.class, client), builder::quota);
        ifPresent(retryPolicy(wanted), builder::retryPolicy);
        ifPresent(windows, builder::batchWindows);
        beans.all(CallListener.class, client).forEach(builder::listener);
        callbacks.applyTo(builder, client);
        beans.all(KimiClientCustomizer.class, client).forEach(customizer -> customizer.customize(builder));
        return builder;
    }

    /** The limits of the client's pool besides the number of connections; empty if the transport is not ours. */
    Map<String, Object> poolLimits(KimiClient client) {
        ClientSettings wanted = ownTransports.get(client.name());
        return wanted == null ? Map.of() : PoolLimits.of(wanted);
    }

    private @Nullable RetryPolicy retryPolicy(ClientSettings wanted) {
        RetryPolicy bean = beans.find(RetryPolicy.class, wanted.client());
        if (bean == null && SPRING.equals(wanted.provider(Part.RETRY))) {
            return RetryBeans.policy(beans, wanted.client(), providerSettings(wanted, Part.RETRY));
        }
        if (bean == null) {
            RetryBeans.logUnused(beans, wanted);
        }
        return bean;
    }

    private ProviderSettings providerSettings(ClientSettings wanted, Part<?> part) {
        return part.settings(timer)
                .setAll(wanted.of(part))
                .time(time)
                .timeouts(wanted.timeouts())
                .build();
    }

    /** What the factories that the service loader finds cannot make: it takes the client's transport, or beans. */
    private @Nullable CredentialsProvider credentials(ClientSettings wanted, Transport transport) {
        String provider = wanted.provider(Part.AUTH);
        boolean bySpring = SPRING_SECURITY.equals(provider);
        if (!bySpring && !OAUTH2.equals(provider)) {
            return null;
        }
        String selector = "kimi." + Part.AUTH.selector();
        require(
                CAFFEINE,
                selector,
                "The credentials provider '" + provider + "' keeps its tokens in Caffeine",
                "com.github.ben-manes.caffeine:caffeine, which the starter brings unless it is excluded");
        ProviderSettings own = providerSettings(wanted, Part.AUTH);
        String client = wanted.client();
        if (bySpring) {
            require(
                    SECURITY_OAUTH2,
                    selector,
                    "The credentials provider 'spring-security' takes its tokens from Spring Security's OAuth2 client",
                    "org.springframework.boot:spring-boot-starter-security-oauth2-client");
            return SpringSecurityBeans.credentials(beans, client, own, callbacks.blocking(client));
        }
        RefreshTokenStore store = beans.findForAccount(RefreshTokenStore.class, client);
        return store == null
                ? OAuth2CredentialsProviderFactory.create(own, transport)
                : OAuth2CredentialsProviderFactory.create(own, transport, store);
    }

    /** What an application may not have, or have left out. */
    private static void require(String type, String setting, String need, String dependency) {
        if (!ClassUtils.isPresent(type, null)) {
            throw new ConfigurationException(
                    setting,
                    need + ", which is not on the class path.",
                    "Add " + dependency + ", or choose another " + setting + ".");
        }
    }

    private static <T> void ifPresent(@Nullable T bean, Consumer<T> setter) {
        if (bean != null) {
            setter.accept(bean);
        }
    }

    /** Called after the clients were closed, since they depend on this bean. */
    @Override
    public void close() {
        transports.close();
        callbacks.close();
        if (ownsTimer) {
            timer.close();
        }
    }
}
