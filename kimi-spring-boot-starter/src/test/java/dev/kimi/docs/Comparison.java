package dev.kimi.docs;

import dev.kimi.KimiClient;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Service;

// snippet:spring-clients
@Service
class Comparison {

    private final KimiClient kimi;
    private final KimiClient claude;
    private final Map<String, KimiClient> all;

    Comparison(KimiClient kimi, @Qualifier("claude") KimiClient claude, Map<String, KimiClient> all) {
        this.kimi = kimi;
        this.claude = claude;
        this.all = all;
    }

    List<String> ofBoth(String question) {
        return List.of(kimi.chat(question).text(), claude.chat(question).text());
    }

    List<String> ofAll(String question) {
        return all.values().stream().map(client -> client.chat(question).text()).toList();
    }
}
// end
