package dev.kimi.architecture.samples.tidy.autoconfigure;

import dev.kimi.architecture.samples.tidy.chat.ChatResponse;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;

@AutoConfiguration
public final class TidyAutoConfiguration {
    @Bean
    ChatResponse chatResponse() {
        throw new UnsupportedOperationException();
    }
}
