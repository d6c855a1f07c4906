package dev.kimi.test.autoconfigure;

import java.util.function.Consumer;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.support.AbstractTestExecutionListener;

/** Separates tests whose context holds connected simulators. */
final class KimiTestExecutionListener extends AbstractTestExecutionListener {

    /** After all that prepare the context, and so before all that close it again. */
    @Override
    public int getOrder() {
        return 100_000;
    }

    @Override
    public void beforeTestMethod(TestContext test) {
        ifSimulated(test, SimulatedClients::reset);
    }

    @Override
    public void afterTestMethod(TestContext test) {
        ifSimulated(test, SimulatedClients::check);
    }

    private static void ifSimulated(TestContext test, Consumer<SimulatedClients> action) {
        if (test.hasApplicationContext()) {
            test.getApplicationContext().getBeanProvider(SimulatedClients.class).ifAvailable(action);
        }
    }
}
