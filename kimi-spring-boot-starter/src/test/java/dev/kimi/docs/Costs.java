package dev.kimi.docs;

import dev.kimi.starter.feign.KimiApi;
import dev.kimi.starter.feign.KimiApi.ChatCompletionRequest;
import java.math.BigDecimal;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Service;

// snippet:spring-api
@Service
class Costs {

    private final KimiApi api;
    private final KimiApi second;

    Costs(KimiApi api, @Qualifier("second") KimiApi second) {
        this.api = api;
        this.second = second;
    }

    BigDecimal left() {
        return api.balance().data().available();
    }

    long tokens(String text) {
        return second.estimateTokens(ChatCompletionRequest.of("kimi-k3", text)).totalTokens();
    }
}
// end
