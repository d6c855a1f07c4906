package dev.kimi.architecture.samples.autoconfigurations.autoconfigure;

import org.springframework.boot.autoconfigure.AutoConfiguration;

@AutoConfiguration
public final class ChattyAutoConfiguration {
    public int answer() {
        return 42;
    }
}
