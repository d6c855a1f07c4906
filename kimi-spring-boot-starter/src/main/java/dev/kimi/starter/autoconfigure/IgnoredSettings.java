package dev.kimi.starter.autoconfigure;

import dev.kimi.KimiClientBuilder.Part;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/** Names in a warning the settings that the chosen provider does not read, since whoever wrote them relies on them. */
final class IgnoredSettings {

    private static final Log LOG = LogFactory.getLog(IgnoredSettings.class);

    private static final String KEY = "api-key";
    private static final Set<String> OAUTH2 = Set.of(
            "auth.token-uri",
            "auth.client-id",
            "auth.client-secret",
            "auth.client-authentication",
            "auth.scope",
            "auth.audience");
    private static final Set<String> DELAYS = Set.of("retry.min-delay", "retry.max-delay", "retry.multiplier");

    private static final Set<String> RETRIES = Set.of(
            "retry.max-attempts",
            "retry.retry-after-ceiling",
            "retry.min-delay",
            "retry.max-delay",
            "retry.multiplier");

    /** What each of our providers does not read of the settings of its part; what is not listed is read. */
    private static final Map<Part, Map<String, Set<String>>> IGNORED = Map.of(
            Part.RETRY,
            Map.of(
                    "standard", DELAYS,
                    "classic", Set.of("retry.retry-after-ceiling"),
                    "spring", Set.of()),
            Part.BATCH,
            Map.of("fixed", Set.of("batch.throughput-target"), "littles-law", Set.of()),
            Part.AUTH,
            Map.of(KEY, OAUTH2, "oauth2", Set.of(KEY)));

    /** No client reads any settings of retries with this preset, but a template may. */
    private static final String NEVER = "never";

    private final SettingsReader reader;
    private final SettingSources sources;
    private final boolean template;

    /** @param template whether there is a template that reads {@code kimi.retry} beside the clients */
    IgnoredSettings(SettingsReader reader, Environment environment, boolean template) {
        this.reader = reader;
        this.sources = new SettingSources(environment);
        this.template = template;
    }

    void warn() {
        ClientSettings top = reader.top();
        warn("kimi.", top, top, name -> reader.clients().stream().anyMatch(client -> inherits(client, name)));
        for (String client : reader.clients()) {
            warn("kimi.clients." + client + ".", reader.own(client), reader.named(client), name -> false);
        }
    }

    private boolean inherits(String client, String name) {
        return !ClientSettings.isCredential(name)
                && !reader.own(client).has(name)
                && ignoring(reader.named(client), name) == null;
    }

    private void warn(String prefix, ClientSettings written, ClientSettings used, Predicate<String> readByOthers) {
        for (String name : written.names()) {
            Part part = ignoring(used, name);
            if (part != null && !readByOthers.test(name)) {
                String setting = prefix + name;
                String selector = prefix + part.selector();
                LOG.warn("The setting " + setting + SettingSources.place(sources.find(setting))
                        + " has no effect on the client: " + selector + " is " + used.providerOrUsual(part)
                        + ", which does not read it. Set " + selector + " to " + readers(part, name)
                        + ", or remove " + setting + ".");
            }
        }
    }

    /** The part whose provider does not read the setting, or null if it is read. */
    private @Nullable Part ignoring(ClientSettings used, String name) {
        for (Map.Entry<Part, Map<String, Set<String>>> part : IGNORED.entrySet()) {
            String chosen = used.providerOrUsual(part.getKey());
            if (part.getValue().getOrDefault(chosen, Set.of()).contains(name)) {
                return part.getKey();
            }
        }
        boolean never = used.providerOrUsual(Part.RETRY).equals(NEVER);
        return never && !template && RETRIES.contains(name) ? Part.RETRY : null;
    }

    private static String readers(Part part, String name) {
        return IGNORED.getOrDefault(part, Map.of()).entrySet().stream()
                .filter(provider -> !provider.getValue().contains(name))
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new))
                .stream()
                .collect(Collectors.joining(" or "));
    }
}
