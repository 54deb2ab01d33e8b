# SPDX-License-Identifier: Apache-2.0
# Systole built on a bare Debian 12, with its demo run. Untried where it was written, which had no Docker; tools/fresh.sh runs the same steps in a chroot.
FROM debian:bookworm
COPY . /systole
WORKDIR /systole
RUN tools/install_deps.sh && tools/demo.sh
ENV PATH="/systole/build/release/bin:${PATH}"
ENTRYPOINT ["systole"]
