package dev.kimi.test.autoconfigure;

import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.type.AnnotationMetadata;

/** Connects clients to the simulators whose bean has {@link KimiServiceConnection}, in tests and local development. */
@AutoConfiguration(before = KimiAutoConfiguration.class)
@Import(KimiServiceConnectionAutoConfiguration.Registrar.class)
public final class KimiServiceConnectionAutoConfiguration {

    static final class Registrar implements ImportBeanDefinitionRegistrar {

        private final BeanFactory beans;

        Registrar(BeanFactory beans) {
            this.beans = beans;
        }

        @Override
        public void registerBeanDefinitions(AnnotationMetadata importing, BeanDefinitionRegistry registry) {
            new SimulatorConnections((ConfigurableListableBeanFactory) beans, registry).registerAnnotated();
        }
    }
}
