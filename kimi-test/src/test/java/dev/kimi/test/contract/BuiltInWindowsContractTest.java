package dev.kimi.test.contract;

import dev.kimi.batch.BatchWindow;
import org.junit.jupiter.api.Nested;

class BuiltInWindowsContractTest {

    @Nested
    class Fixed extends BatchWindowContract {
        @Override
        protected BatchWindow window() {
            return BatchWindow.fixed(7);
        }

        @Override
        protected int most() {
            return 7;
        }
    }

    @Nested
    class LittlesLaw extends BatchWindowContract {
        @Override
        protected BatchWindow window() {
            return BatchWindow.littlesLaw(64, 20);
        }

        @Override
        protected int most() {
            return 64;
        }
    }
}
