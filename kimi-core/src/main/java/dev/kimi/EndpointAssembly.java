package dev.kimi;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.error.ConfigurationException;
import dev.kimi.internal.endpoint.Account;
import dev.kimi.internal.endpoint.AccountKey;
import dev.kimi.internal.endpoint.Accounts;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.EndpointSettings;
import dev.kimi.internal.endpoint.ModelNames;
import dev.kimi.internal.endpoint.QuotaSource;
import dev.kimi.internal.endpoint.RetrySettings;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.internal.util.UserAgent;
import dev.kimi.quota.Quota;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.spi.ProviderFactory;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.transport.Transport;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Puts the endpoints together that one builder describes: one for each key. */
final class EndpointAssembly {

    private final EndpointDescription endpoint;
    private final KimiClientBuilder client;
    private final Destination destination;
    private final OwnTimer timer;
    private final OwnedParts owned;

    /**
     * @param endpoint what is known of the endpoints
     * @param client what is known of the client that they are for: clock, chance and time limits
     */
    EndpointAssembly(
            EndpointDescription endpoint,
            KimiClientBuilder client,
            Destination destination,
            OwnTimer timer,
            OwnedParts owned) {
        this.endpoint = endpoint;
        this.client = client;
        this.destination = destination;
        this.timer = timer;
        this.owned = owned;
    }

    /**
     * The endpoints, the one of the first key first.
     *
     * @param home where the client's own calls go
     * @param shared the transport of the client, which endpoints whose transport would be made in the same way share
     */
    List<Endpoint> assemble(Destination home, @Nullable Transport shared) {
        // What can fail without holding anything comes first; the transport, which holds threads, comes last.
        ModelCards cards = endpoint.cards.cards();
        LocalDate today = LocalDate.ofInstant(client.time.now(), ZoneOffset.UTC);
        cards.checkOffered("kimi.model", destination.model(), today);
        ModelNames models = models(home);
        if (models.names() != null) {
            new ModelNameCheck(endpoint.name, cards, today).check(models.names(), destination, home);
        }
        List<CredentialsProvider> credentials = credentials();
        RetryPolicy retry = retry();
        boolean replayOnIdleClose = settings(Part.RETRY).flag(ClientAssembly.REPLAY_ON_IDLE_CLOSE, true);
        RetrySettings retrySettings = new RetrySettings(retry, replayOnIdleClose, random());
        List<String> names = new ArrayList<>();
        List<Account> accounts = new ArrayList<>();
        for (CredentialsProvider each : credentials) {
            names.add(names.isEmpty() ? endpoint.name : endpoint.name + "-" + (names.size() + 1));
            accounts.add(account(each, names.get(names.size() - 1)));
        }
        Transport transport = transport(shared);
        List<Endpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            EndpointSettings place = new EndpointSettings(
                    names.get(i),
                    destination.baseUrl(),
                    destination.protocol(),
                    destination.protocol().name().equals(home.protocol().name()),
                    models,
                    cards,
                    UserAgent.of(endpoint.userAgent),
                    destination.booking(),
                    retrySettings);
            endpoints.add(new Endpoint(place, accounts.get(i), credentials.get(i), transport));
        }
        return endpoints;
    }

    /** Callers use the names of the provider that the client itself is for. */
    private ModelNames models(Destination home) {
        return destination.provider().equals(home.provider())
                ? ModelNames.asAsked(destination.model())
                : new ModelNames(destination.model(), endpoint.modelNames);
    }

    RandomGenerator random() {
        return client.random == null ? settings(Part.RETRY).random() : client.random;
    }

    private List<CredentialsProvider> credentials() {
        Set<String> keys = keys();
        if (endpoint.apiKeys.isEmpty() || keys.isEmpty()) {
            return List.of(credentials(null));
        }
        if (endpoint.credentials != null || !(factory(Part.AUTH) instanceof BuiltIn.ApiKey)) {
            throw new ConfigurationException(
                    "kimi.api-keys",
                    "There are several API keys, and credentials that are no API key.",
                    "Remove one of them.");
        }
        return keys.stream().map(this::credentials).toList();
    }

    private Set<String> keys() {
        String first = endpoint.settings(Part.AUTH).get(BuiltIn.ApiKey.NAME);
        Set<String> keys = new LinkedHashSet<>();
        Stream.concat(Stream.ofNullable(first), endpoint.apiKeys.stream())
                .map(String::strip)
                .filter(key -> !key.isEmpty())
                .forEach(keys::add);
        return keys;
    }

    /** @param apiKey a key in place of the one that is set, or null */
    private CredentialsProvider credentials(@Nullable String apiKey) {
        if (endpoint.credentials != null) {
            return endpoint.credentials;
        }
        ProviderFactory<CredentialsProvider> factory = factory(Part.AUTH);
        ProviderSettings.Builder settings = ClientAssembly.settings(endpoint, client, Part.AUTH, timer.timer());
        if (apiKey != null) {
            settings.setAll(Map.of(BuiltIn.ApiKey.NAME, apiKey));
        }
        return owned.add(
                factory instanceof BuiltIn.ApiKey key
                        ? key.create(settings.build(), destination.keyHeader())
                        : factory.create(settings.build()));
    }

    private RetryPolicy retry() {
        if (endpoint.retryPolicy != null) {
            return endpoint.retryPolicy;
        }
        return owned.add(factory(Part.RETRY).create(settings(Part.RETRY)));
    }

    private Account account(CredentialsProvider credentials, String name) {
        Object clock = client.timer == null ? client.time : client.timer;
        AccountKey key = AccountKey.of(credentials, name, destination.baseUrl(), clock);
        return owned.add(Accounts.ofTheProcess().open(key, name, limits(), () -> found(key.id())))
                .account();
    }

    /** The account goes on for other clients when this one is closed, and its timer with it. */
    private Accounts.Founding found(String id) {
        Account made = new Account(id, Quota.unlimited(), client.time, timer.timer(), random());
        return new Accounts.Founding(made, timer.handToAccount());
    }

    private @Nullable QuotaSource limits() {
        if (endpoint.quota != null) {
            return QuotaSource.of(endpoint.quota);
        }
        String wanted = endpoint.providers.get(Part.QUOTA);
        Map<String, String> settings = endpoint.settings(Part.QUOTA);
        if (wanted == null && settings.isEmpty()) {
            return null;
        }
        ProviderFactory<Quota> factory = factory(Part.QUOTA);
        return QuotaSource.of(
                List.of(factory.name(), Map.copyOf(settings)),
                ofAccount -> factory.create(ClientAssembly.settings(endpoint, client, Part.QUOTA, ofAccount)
                        .build()));
    }

    private Transport transport(@Nullable Transport shared) {
        if (endpoint.transport != null) {
            return endpoint.transport;
        }
        return shared != null && endpoint.sharesTransport(client.endpoint)
                ? shared
                : owned.add(factory(Part.TRANSPORT).create(settings(Part.TRANSPORT)));
    }

    private <T> ProviderFactory<T> factory(Part<T> part) {
        return endpoint.factory(part);
    }

    private ProviderSettings settings(Part<?> part) {
        return ClientAssembly.settings(endpoint, client, part, timer.timer()).build();
    }
}
