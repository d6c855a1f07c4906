package dev.kimi.test.autoconfigure.app;

import dev.kimi.starter.feign.KimiApi;
import java.math.BigDecimal;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

@Component
class Costs {

    @Autowired
    private ObjectProvider<KimiApi> api;

    BigDecimal left() {
        return api.getObject().balance().data().available();
    }
}
