package dev.kimi.samples.vendorsdks;

import com.anthropic.client.AnthropicClient;
import com.openai.client.OpenAIClient;
import dev.kimi.KimiClient;
import dev.kimi.vendor.anthropic.KimiAnthropic;
import dev.kimi.vendor.openai.KimiOpenAi;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** The two beans are all that it takes; {@link Calls} uses the SDKs as any application does. */
@SpringBootApplication
public class VendorSdksApplication {

    public static void main(String[] args) {
        SpringApplication.run(VendorSdksApplication.class, args).close();
    }

    // snippet:vendor-spring
    @Bean
    OpenAIClient openAi(KimiClient kimi) {
        return KimiOpenAi.client(kimi);
    }
    // end

    @Bean
    AnthropicClient anthropic(@Qualifier("claude") KimiClient claude) {
        return KimiAnthropic.client(claude);
    }
}
