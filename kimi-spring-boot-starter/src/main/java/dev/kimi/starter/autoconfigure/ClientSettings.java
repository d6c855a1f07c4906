package dev.kimi.starter.autoconfigure;

import dev.kimi.KimiClient;
import dev.kimi.KimiClient.WarmUp;
import dev.kimi.KimiClientBuilder;
import dev.kimi.KimiClientBuilder.LeakDetection;
import dev.kimi.KimiClientBuilder.ThinkingMismatch;
import dev.kimi.KimiClientBuilder.ToolSchemas;
import dev.kimi.Part;
import dev.kimi.error.ConfigurationException;
import dev.kimi.starter.KimiClientProperties;
import dev.kimi.starter.KimiConnectionDetails;
import dev.kimi.starter.KimiProperties;
import dev.kimi.time.Timeouts;
import java.beans.PropertyDescriptor;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanWrapper;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.StringUtils;

/**
 * What one client is made with: names below {@code kimi}, in kebab case, and their values. Immutable; prints names
 * only.
 */
final class ClientSettings {

    static final String DEFAULT = "default";

    /** Read by the starter and not by the transport, which knows nothing of bundles. */
    static final String SSL_BUNDLE = "transport.ssl-bundle";

    private static final Set<String> KNOWN =
            Set.copyOf(flatten(new KimiClientProperties(), true).keySet());

    private final String client;
    private final Map<String, String> values;

    /** The names whose values are those of a connection and not of a property. */
    private final Set<String> ofConnection;

    private ClientSettings(String client, Map<String, String> values, Set<String> ofConnection) {
        this.client = client;
        this.values = Map.copyOf(values);
        this.ofConnection = Set.copyOf(ofConnection);
    }

    static ClientSettings of(String client, KimiClientProperties properties, Map<String, String> further) {
        Map<String, String> values = new LinkedHashMap<>(further);
        values.putAll(flatten(properties, false));
        return new ClientSettings(client, values, Set.of());
    }

    /** Every name that has a property. */
    static Set<String> known() {
        return KNOWN;
    }

    /**
     * These settings, and where there are none those of the parent: but a key goes to one address only, and an address
     * speaks one protocol and has models of its own.
     */
    ClientSettings inheriting(ClientSettings parent) {
        Map<String, String> values = new LinkedHashMap<>();
        parent.values.forEach((name, value) -> {
            if (inherits(name)) {
                values.put(name, value);
            }
        });
        values.putAll(this.values);
        return new ClientSettings(client, values, ofConnection);
    }

    private boolean inherits(String name) {
        boolean ofOtherProtocol =
                has("protocol") && !has("base-url") && (name.equals("base-url") || name.equals("model"));
        boolean ofOtherAddress = has("base-url") && !has("protocol") && name.equals("protocol");
        return !isCredential(name) && !name.equals(FailoverSettings.CLIENTS) && !ofOtherProtocol && !ofOtherAddress;
    }

    /** Whether it is set for this client, or can be set for it alone. */
    boolean isOwn(String name) {
        return has(name) || !inherits(name);
    }

    /** These settings with the address and the key of the connection, if there is one: a key replaces credentials. */
    ClientSettings connectingTo(@Nullable KimiConnectionDetails connection) {
        if (connection == null) {
            return this;
        }
        Map<String, String> values = new LinkedHashMap<>(this.values);
        Set<String> ofConnection = new TreeSet<>(Set.of("base-url"));
        values.put("base-url", connection.getBaseUrl());
        CharSequence key = connection.getApiKey();
        if (StringUtils.hasText(key)) {
            values.keySet().removeIf(ClientSettings::isCredential);
            values.put("api-key", key.toString());
            ofConnection.add("api-key");
        }
        return new ClientSettings(client, values, ofConnection);
    }

    /**
     * These settings without those of the parts that their providers do not read.
     *
     * @param byBean the part that a bean makes from settings, of which nobody knows which it reads; or null
     */
    ClientSettings readBy(DeclaredSettings declared, @Nullable Part<?> byBean) {
        Map<String, String> values = new LinkedHashMap<>(this.values);
        values.keySet().removeIf(name -> {
            Part<?> part = DeclaredSettings.part(name);
            Set<String> read = part == null || part == byBean ? null : declared.read(part, provider(part));
            return read != null && !read.contains(name);
        });
        return new ClientSettings(client, values, ofConnection);
    }

    /** Whether the value is that of a connection, and nobody reads the property. */
    boolean isOfConnection(String name) {
        return ofConnection.contains(name);
    }

    static boolean isCredential(String name) {
        return name.equals("api-key") || name.equals(FailoverSettings.KEYS) || name.startsWith("auth.");
    }

    String client() {
        return client;
    }

    /** The names of the clients where calls go on, in order. */
    List<String> failover() {
        return FailoverSettings.list(values.get(FailoverSettings.CLIENTS));
    }

    /** The names that have a value, in order; blank is none. */
    Set<String> names() {
        Set<String> names = new TreeSet<>(values.keySet());
        names.removeIf(name -> String.valueOf(values.get(name)).isBlank());
        return names;
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    /** The chosen provider of a part, or null for the usual one. */
    @Nullable String provider(Part<?> part) {
        return values.get(part.selector());
    }

    /** The name of the SSL bundle, or null for none. */
    @Nullable String sslBundle() {
        return values.get(SSL_BUNDLE);
    }

    /** The name of the provider of a part. */
    String providerOrUsual(Part<?> part) {
        String chosen = provider(part);
        return chosen == null ? part.usual() : chosen;
    }

    /** The settings of a part, without its prefix and without the choice of its provider. */
    Map<String, String> of(Part<?> part) {
        Map<String, String> found = new TreeMap<>();
        String prefix = part.prefix() + ".";
        values.forEach((name, value) -> {
            if (name.startsWith(prefix) && !name.equals(part.selector()) && !name.equals(SSL_BUNDLE)) {
                found.put(name.substring(prefix.length()), value);
            }
        });
        return found;
    }

    /**
     * The protocol that the client speaks.
     *
     * @throws ConfigurationException if protocol or base URL cannot be used
     */
    String protocol() {
        KimiClientBuilder builder = KimiClient.builder();
        ifSet("base-url", builder::baseUrl);
        ifSet("protocol", builder::protocol);
        return builder.protocol();
    }

    void applyTo(KimiClientBuilder builder) {
        builder.name(client).timeouts(timeouts()).apiKey(values.get("api-key"));
        ifSet("base-url", builder::baseUrl);
        ifSet("protocol", builder::protocol);
        ifSet("model", builder::model);
        ifSet(ModelCardSettings.FILE, place -> builder.modelCards(ModelCardSettings.file(place)));
        ModelCardSettings.applyTo(builder, values);
        FailoverSettings.applyTo(builder, values);
        ifSet("hedging", share -> builder.hedging(Double.parseDouble(share)));
        headerIfSet("anthropic.version", builder::anthropicVersion);
        headerIfSet("anthropic.beta", names -> builder.anthropicBeta(List.of(names.split(","))));
        ifSet("anthropic.thinking-mismatch", value -> builder.thinkingMismatch(ThinkingMismatch.valueOf(value)));
        ifSet("tool-schemas", value -> builder.toolSchemas(ToolSchemas.valueOf(value)));
        builder.allowInsecure(Boolean.parseBoolean(values.get("allow-insecure")));
        ifSet("leak-detection", value -> builder.leakDetection(LeakDetection.valueOf(value)));
        for (Part<?> part : Part.all()) {
            builder.provider(part, provider(part));
            of(part).forEach((name, value) -> builder.set(part, name, value));
        }
    }

    WarmUp warmUp() {
        String value = values.get("warm-up");
        return value == null ? WarmUp.OFF : WarmUp.valueOf(value);
    }

    Timeouts timeouts() {
        Timeouts.Builder timeouts = Timeouts.builder();
        time("connect", timeouts::connect);
        time("pool-wait", timeouts::poolWait);
        time("headers", timeouts::headers);
        time("first-event", timeouts::firstEvent);
        time("idle", timeouts::idle);
        time("quiet", timeouts::quiet);
        time("total", timeouts::total);
        return timeouts.build();
    }

    private void time(String name, Consumer<Duration> setter) {
        String value = values.get("timeout." + name);
        if (value == null) {
            return;
        }
        try {
            setter.accept(Duration.parse(value));
        } catch (IllegalArgumentException e) {
            String setting = "kimi.timeout." + name;
            throw new ConfigurationException(
                    setting,
                    "The setting " + setting + " is not above zero.",
                    "Write a time such as 500ms, 10s or 5m.");
        }
    }

    private void headerIfSet(String name, Consumer<String> setter) {
        try {
            ifSet(name, setter);
        } catch (IllegalArgumentException e) {
            String setting = "kimi." + name;
            throw new ConfigurationException(
                    setting,
                    "The setting " + setting + " cannot be used: " + e.getMessage() + ".",
                    "Write letters, digits and dashes.");
        }
    }

    private void ifSet(String name, Consumer<String> setter) {
        String value = values.get(name);
        if (value != null) {
            setter.accept(value);
        }
    }

    /**
     * Walks the properties, so that a new one cannot be forgotten here.
     *
     * @param unset whether those without a value are listed too, with an empty one
     */
    private static Map<String, String> flatten(KimiClientProperties properties, boolean unset) {
        Map<String, String> values = new LinkedHashMap<>();
        flatten("", properties, unset, values);
        return values;
    }

    private static void flatten(String prefix, Object bean, boolean unset, Map<String, String> values) {
        BeanWrapper wrapper = PropertyAccessorFactory.forBeanPropertyAccess(bean);
        for (PropertyDescriptor property : wrapper.getPropertyDescriptors()) {
            Object value = wrapper.getPropertyValue(property.getName());
            String name = prefix + DataObjectPropertyName.toDashedForm(property.getName());
            if (value instanceof KimiProperties.Auth) {
                flatten(name + ".", value, unset, values);
            } else if (value instanceof Map<?, ?> models && name.equals(FailoverSettings.MODELS)) {
                values.putAll(FailoverSettings.flatten(models, unset));
            } else if (value instanceof Map<?, ?> cards) {
                values.putAll(ModelCardSettings.flatten(name, cards, unset));
            } else if (property.getWriteMethod() != null) {
                put(name, value, unset, values);
            }
        }
    }

    private static void put(String name, @Nullable Object value, boolean unset, Map<String, String> values) {
        if (value instanceof Record group) {
            for (RecordComponent component : group.getClass().getRecordComponents()) {
                String below = name + "." + DataObjectPropertyName.toDashedForm(component.getName());
                put(below, ReflectionUtils.invokeMethod(component.getAccessor(), group), unset, values);
            }
        } else if (value instanceof Collection<?> items) {
            values.put(name, StringUtils.collectionToDelimitedString(items, ","));
        } else if (value instanceof KimiProperties.Proxy proxy) {
            flatten(name + ".", proxy, unset, values);
        } else if (value != null || unset) {
            values.put(name, value == null ? "" : value.toString());
        }
    }

    @Override
    public String toString() {
        return "ClientSettings[" + client + ", " + names() + "]";
    }
}
