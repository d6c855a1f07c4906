package dev.kimi.samples.customprovider;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.auth.CredentialsProviderFactory;
import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * {@code kimi.auth.provider: file} takes the token from the file {@code kimi.auth.path}, as it is mounted into
 * containers, and reads it again when the service rejects it.
 */
// snippet:auth-plugin
public final class FileCredentialsProviderFactory implements CredentialsProviderFactory {

    @Override
    public String name() {
        return "file";
    }

    @Override
    public Set<String> settings() {
        return Set.of("path");
    }

    @Override
    public CredentialsProvider create(ProviderSettings settings) {
        Path file = Path.of(settings.require("path"));
        if (!Files.isReadable(file)) {
            throw new ConfigurationException(
                    settings.fullName("path"),
                    "The file of " + settings.fullName("path") + " cannot be read.",
                    "Point it to a file that holds the token and nothing else.");
        }
        return new FileCredentialsProvider(file);
    }
}
// end
