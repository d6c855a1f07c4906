package dev.kimi.samples.customprovider;

import dev.kimi.Part;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.spi.ProviderFactory;
import dev.kimi.test.contract.FactoryContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

// snippet:factory-contract
class FileCredentialsProviderFactoryTest extends FactoryContract {

    @TempDir
    Path folder;

    @Override
    protected Part<CredentialsProvider> part() {
        return Part.AUTH;
    }

    @Override
    protected ProviderFactory<?> factory() {
        return new FileCredentialsProviderFactory();
    }

    @Override
    protected Map<String, String> settings() {
        return Map.of("path", token().toString());
    }

    private Path token() {
        try {
            return Files.writeString(folder.resolve("token"), "sk-from-a-file");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
// end
