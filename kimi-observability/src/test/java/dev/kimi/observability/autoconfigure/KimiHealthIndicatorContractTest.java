package dev.kimi.observability.autoconfigure;

import dev.kimi.event.CallListener;
import dev.kimi.observability.ConnectionPoolMetrics;
import dev.kimi.test.contract.CallListenerContract;
import dev.kimi.time.VirtualTime;
import org.springframework.beans.factory.support.StaticListableBeanFactory;

class KimiHealthIndicatorContractTest extends CallListenerContract {

    @Override
    protected CallListener listener() {
        return new KimiHealthIndicator(
                new KimiClientBeans(new StaticListableBeanFactory().getBeanProvider(ConnectionPoolMetrics.class)),
                new VirtualTime());
    }
}
