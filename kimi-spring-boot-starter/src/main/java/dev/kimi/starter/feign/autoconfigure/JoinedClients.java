package dev.kimi.starter.feign.autoconfigure;

import dev.kimi.starter.feign.KimiFeignConfiguration;
import java.util.Arrays;
import java.util.List;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.cloud.openfeign.FeignClientSpecification;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;

/**
 * Makes the Feign clients with {@link KimiFeignConfiguration} when the application starts, so that what is wrong with
 * one stops the start. Otherwise Spring makes one when somebody asks for it.
 */
final class JoinedClients implements SmartInitializingSingleton {

    private static final String OF_ALL = "default.";

    private final ApplicationContext context;

    JoinedClients(ApplicationContext context) {
        this.context = context;
    }

    @Override
    public void afterSingletonsInstantiated() {
        List<FeignClientSpecification> specifications =
                context.getBeanProvider(FeignClientSpecification.class).stream().toList();
        boolean all = specifications.stream().anyMatch(each -> isOfAll(each) && joins(each));
        for (FeignClientSpecification each : specifications) {
            if (!isOfAll(each) && each.getClassName() != null && (all || joins(each))) {
                Class<?> type = ClassUtils.resolveClassName(each.getClassName(), context.getClassLoader());
                context.getBeanProvider(type).stream().forEach(made -> {});
            }
        }
    }

    private static boolean isOfAll(FeignClientSpecification specification) {
        return specification.getName().startsWith(OF_ALL);
    }

    private static boolean joins(FeignClientSpecification specification) {
        return Arrays.stream(specification.getConfiguration()).anyMatch(JoinedClients::joins);
    }

    private static boolean joins(Class<?> configuration) {
        return configuration == KimiFeignConfiguration.class
                || AnnotatedElementUtils.getAllMergedAnnotations(configuration, Import.class).stream()
                        .flatMap(imports -> Arrays.stream(imports.value()))
                        .anyMatch(imported -> imported != configuration && joins(imported));
    }
}
