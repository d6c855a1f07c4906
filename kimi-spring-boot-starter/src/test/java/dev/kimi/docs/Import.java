package dev.kimi.docs;

import dev.kimi.KimiClient;
import dev.kimi.service.ModelCard;
import java.util.List;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.retry.support.RetryTemplate;
import org.springframework.stereotype.Component;

// snippet:spring-retry-template
@Component
class Import {

    private final KimiClient kimi;
    private final RetryTemplate retries;

    Import(@Qualifier("untried") KimiClient kimi, @Qualifier("kimiRetryTemplate") RetryTemplate retries) {
        this.kimi = kimi;
        this.retries = retries;
    }

    List<ModelCard> models() {
        return retries.execute(context -> kimi.models());
    }
}
// end
