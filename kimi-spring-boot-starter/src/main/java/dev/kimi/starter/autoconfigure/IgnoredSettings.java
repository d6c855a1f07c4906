package dev.kimi.starter.autoconfigure;

import dev.kimi.Part;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/** Names in a warning the settings that the chosen provider does not read, since whoever wrote them relies on them. */
final class IgnoredSettings {

    private static final Log LOG = LogFactory.getLog(IgnoredSettings.class);

    private final SettingsReader reader;
    private final DeclaredSettings declared;
    private final SettingSources sources;
    private final boolean template;

    /** @param template whether there is a template that reads {@code kimi.retry} beside the clients */
    IgnoredSettings(SettingsReader reader, DeclaredSettings declared, Environment environment, boolean template) {
        this.reader = reader;
        this.declared = declared;
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
            Part<?> part = ignoring(used, name);
            if (part != null && !readByOthers.test(name)) {
                String setting = prefix + name;
                String selector = prefix + part.selector();
                LOG.warn("The setting " + setting + SettingSources.place(sources.find(setting))
                        + " has no effect on the client: " + selector + " is " + used.providerOrUsual(part)
                        + ", which does not read it. " + fix(selector, setting, declared.readers(part, name)));
            }
        }
    }

    /** The part whose provider does not read the setting, or null if it is read. */
    private @Nullable Part<?> ignoring(ClientSettings used, String name) {
        Part<?> part = DeclaredSettings.part(name);
        Set<String> read = part == null ? null : declared.read(part, used.provider(part));
        if (read == null || read.contains(name)) {
            return null;
        }
        // with a preset that reads nothing, the settings may be meant for the template
        return template && part == Part.RETRY && read.isEmpty() ? null : part;
    }

    private static String fix(String selector, String setting, Set<String> readers) {
        return readers.isEmpty()
                ? "Remove " + setting + "."
                : "Set " + selector + " to " + String.join(" or ", readers) + ", or remove " + setting + ".";
    }
}
