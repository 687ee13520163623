CREATE TABLE `accounts` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`provider_id` text NOT NULL,
	`user_id` text NOT NULL,
	`access_token` text,
	`refresh_token` text,
	`id_token` text,
	`access_token_expires_at` integer,
	`refresh_token_expires_at` integer,
	`scope` text,
	`password` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `accounts_user` ON `accounts` (`user_id`);--> statement-breakpoint
CREATE TABLE `api_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`name` text NOT NULL,
	`hash` text NOT NULL,
	`hint` text NOT NULL,
	`scopes` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`last_used_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_tokens_hash_unique` ON `api_tokens` (`hash`);--> statement-breakpoint
CREATE INDEX `api_tokens_user` ON `api_tokens` (`user_id`);--> statement-breakpoint
CREATE TABLE `audit` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`actor_id` text,
	`actor_name` text NOT NULL,
	`via` text NOT NULL,
	`action` text NOT NULL,
	`subject_type` text,
	`subject_id` text,
	`detail` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `audit_at` ON `audit` (`at`);--> statement-breakpoint
CREATE INDEX `audit_actor` ON `audit` (`actor_id`);--> statement-breakpoint
CREATE TABLE `one_time_links` (
	`hash` text PRIMARY KEY NOT NULL,
	`user_id` text,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `secrets` (
	`name` text PRIMARY KEY NOT NULL,
	`key_id` text NOT NULL,
	`sealed` text NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`token` text NOT NULL,
	`user_id` text NOT NULL,
	`ip_address` text,
	`user_agent` text,
	`expires_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sessions_token_unique` ON `sessions` (`token`);--> statement-breakpoint
CREATE INDEX `sessions_user` ON `sessions` (`user_id`);--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`email` text NOT NULL,
	`email_verified` integer DEFAULT false NOT NULL,
	`image` text,
	`role` text DEFAULT 'developer' NOT NULL,
	`disabled` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_email_unique` ON `users` (`email`);--> statement-breakpoint
CREATE TABLE `verifications` (
	`id` text PRIMARY KEY NOT NULL,
	`identifier` text NOT NULL,
	`value` text NOT NULL,
	`expires_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `verifications_identifier` ON `verifications` (`identifier`);--> statement-breakpoint
CREATE TABLE `idempotent_requests` (
	`actor_id` text NOT NULL,
	`key` text NOT NULL,
	`request_hash` text NOT NULL,
	`status` integer,
	`body` text,
	`content_type` text,
	`location` text,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`actor_id`, `key`)
);
--> statement-breakpoint
CREATE TABLE `container_images` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`name` text NOT NULL,
	`tag` text NOT NULL,
	`digest` text NOT NULL,
	`media_type` text NOT NULL,
	`config_digests` text NOT NULL,
	`platforms` text NOT NULL,
	`size` integer NOT NULL,
	`layers` integer NOT NULL,
	`source` text NOT NULL,
	`created_by` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `container_images_name` ON `container_images` (`project_id`,`name`,`tag`,`digest`);--> statement-breakpoint
CREATE INDEX `container_images_digest` ON `container_images` (`digest`);--> statement-breakpoint
CREATE TABLE `container_uploads` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`owner_id` text NOT NULL,
	`file_name` text NOT NULL,
	`fallback_name` text,
	`size` integer NOT NULL,
	`safe` integer NOT NULL,
	`taken` text,
	`state` text NOT NULL,
	`error` text,
	`job_id` text,
	`image_ids` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `container_uploads_project` ON `container_uploads` (`project_id`);--> statement-breakpoint
CREATE TABLE `deployment_texts` (
	`project_id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`file_name` text NOT NULL,
	`text` text NOT NULL,
	`files` text NOT NULL,
	`updated_by` text,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `test_deployments` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`site_id` text NOT NULL,
	`site_name` text NOT NULL,
	`name` text NOT NULL,
	`values` text NOT NULL,
	`state` text NOT NULL,
	`status` text,
	`images` text NOT NULL,
	`deployed` text,
	`error` text,
	`job_id` text,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `test_deployments_name` ON `test_deployments` (`site_id`,`name`);--> statement-breakpoint
CREATE INDEX `test_deployments_project` ON `test_deployments` (`project_id`);--> statement-breakpoint
CREATE TABLE `image_proofs` (
	`id` text PRIMARY KEY NOT NULL,
	`image_id` text NOT NULL,
	`site_id` text NOT NULL,
	`site_name` text NOT NULL,
	`accelerator` text,
	`phase` text,
	`passed` integer NOT NULL,
	`took_ms` integer NOT NULL,
	`has_screenshot` integer NOT NULL,
	`at` integer NOT NULL,
	FOREIGN KEY (`image_id`) REFERENCES `images`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `image_proofs_image` ON `image_proofs` (`image_id`);--> statement-breakpoint
CREATE TABLE `images` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`os` text,
	`login` text,
	`cloud_init` integer DEFAULT false NOT NULL,
	`architecture` text NOT NULL,
	`min_memory_mib` integer NOT NULL,
	`min_disk_gib` integer NOT NULL,
	`format` text,
	`size` integer DEFAULT 0 NOT NULL,
	`virtual_size` integer DEFAULT 0 NOT NULL,
	`digest` text,
	`md5` text,
	`state` text NOT NULL,
	`error` text,
	`source` text NOT NULL,
	`visibility` text NOT NULL,
	`owner_id` text,
	`owner_name` text,
	`project_id` text,
	`size_before` integer,
	`expected_sha256` text,
	`artifact_digest` text,
	`artifact_registry` text,
	`artifact_repository` text,
	`artifact_bytes` integer,
	`artifact_bytes_sent` integer,
	`job_id` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `images_digest` ON `images` (`digest`);--> statement-breakpoint
CREATE INDEX `images_project` ON `images` (`project_id`);--> statement-breakpoint
CREATE TABLE `job_log` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`job_id` text NOT NULL,
	`at` integer NOT NULL,
	`line` text NOT NULL,
	FOREIGN KEY (`job_id`) REFERENCES `jobs`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `job_log_job` ON `job_log` (`job_id`,`seq`);--> statement-breakpoint
CREATE TABLE `job_steps` (
	`job_id` text NOT NULL,
	`name` text NOT NULL,
	`position` integer NOT NULL,
	`state` text NOT NULL,
	`progress` text,
	`result` text,
	`started_at` integer,
	`ended_at` integer,
	PRIMARY KEY(`job_id`, `name`),
	FOREIGN KEY (`job_id`) REFERENCES `jobs`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `jobs` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`subject_type` text NOT NULL,
	`subject_id` text NOT NULL,
	`project_id` text,
	`actor_id` text NOT NULL,
	`parent_id` text,
	`idempotency_key` text,
	`state` text NOT NULL,
	`phase` text DEFAULT 'run' NOT NULL,
	`attempt` integer DEFAULT 1 NOT NULL,
	`owner` text,
	`input` text NOT NULL,
	`result` text,
	`error` text,
	`undo_error` text,
	`message` text,
	`cancellable` integer NOT NULL,
	`log_dropped` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	`queued_at` integer NOT NULL,
	`started_at` integer,
	`ended_at` integer,
	`heartbeat_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_idempotency` ON `jobs` (`kind`,`actor_id`,`idempotency_key`);--> statement-breakpoint
CREATE INDEX `jobs_queue` ON `jobs` (`state`,`kind`);--> statement-breakpoint
CREATE INDEX `jobs_subject` ON `jobs` (`subject_type`,`subject_id`);--> statement-breakpoint
CREATE INDEX `jobs_project` ON `jobs` (`project_id`);--> statement-breakpoint
CREATE INDEX `jobs_actor` ON `jobs` (`actor_id`);--> statement-breakpoint
CREATE TABLE `app_instances` (
	`id` text PRIMARY KEY NOT NULL,
	`release_id` text NOT NULL,
	`site_id` text NOT NULL,
	`name` text NOT NULL,
	`description` text NOT NULL,
	`deployment_id` text,
	`problem` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `deployments` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`runs` text NOT NULL,
	`release_id` text,
	`revisions` text NOT NULL,
	`parts` text NOT NULL,
	`endpoints` text NOT NULL,
	`chart_values` text NOT NULL,
	`package_id` text NOT NULL,
	`package_name` text NOT NULL,
	`package_version` text NOT NULL,
	`project_id` text,
	`site_id` text NOT NULL,
	`site_name` text NOT NULL,
	`stack_ref` text,
	`state` text NOT NULL,
	`reason` text NOT NULL,
	`template` text NOT NULL,
	`parameters` text NOT NULL,
	`images` text NOT NULL,
	`outputs` text NOT NULL,
	`resources` text NOT NULL,
	`job_id` text,
	`created_by` text NOT NULL,
	`created_by_name` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `deployments_site_name` ON `deployments` (`site_id`,`name`);--> statement-breakpoint
CREATE INDEX `deployments_package` ON `deployments` (`package_id`);--> statement-breakpoint
CREATE INDEX `deployments_counts` ON `deployments` (`release_id`,`site_id`,`state`,`project_id`,`created_by`);--> statement-breakpoint
CREATE TABLE `distribution_cells` (
	`distribution_id` text NOT NULL,
	`release_id` text NOT NULL,
	`edge_id` text NOT NULL,
	`state` text NOT NULL,
	`job_id` text,
	`done` integer DEFAULT 0 NOT NULL,
	`total` integer DEFAULT 0 NOT NULL,
	`bytes_moved` integer DEFAULT 0 NOT NULL,
	`bytes_kept` integer DEFAULT 0 NOT NULL,
	`ms` integer,
	`ended_at` integer,
	`anyway` integer DEFAULT false NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`dismissed` integer DEFAULT false NOT NULL,
	`problem` text,
	PRIMARY KEY(`distribution_id`, `release_id`, `edge_id`)
);
--> statement-breakpoint
CREATE INDEX `distribution_cells_edge` ON `distribution_cells` (`edge_id`);--> statement-breakpoint
CREATE INDEX `distribution_cells_version` ON `distribution_cells` (`distribution_id`,`version`);--> statement-breakpoint
CREATE INDEX `distribution_cells_state` ON `distribution_cells` (`state`);--> statement-breakpoint
CREATE INDEX `distribution_cells_where` ON `distribution_cells` (`release_id`,`edge_id`);--> statement-breakpoint
CREATE TABLE `distributions` (
	`id` text PRIMARY KEY NOT NULL,
	`releases` text NOT NULL,
	`edges` text NOT NULL,
	`request_key` text,
	`created_by` text NOT NULL,
	`created_by_name` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `distributions_request_key_unique` ON `distributions` (`request_key`);--> statement-breakpoint
CREATE TABLE `placements` (
	`release_id` text NOT NULL,
	`edge_id` text NOT NULL,
	`images` text NOT NULL,
	`verified_at` integer NOT NULL,
	PRIMARY KEY(`release_id`, `edge_id`)
);
--> statement-breakpoint
CREATE INDEX `placements_edge` ON `placements` (`edge_id`);--> statement-breakpoint
CREATE TABLE `edges` (
	`site_id` text PRIMARY KEY NOT NULL,
	`labels` text NOT NULL,
	`place` text,
	`registry` text,
	`has_password` integer DEFAULT false NOT NULL,
	`has_pull_password` integer DEFAULT false NOT NULL,
	`health` text DEFAULT 'unknown' NOT NULL,
	`problem` text,
	`since` integer NOT NULL,
	`checked_at` integer,
	`capacity` text,
	`capacity_at` integer,
	`speed` real
);
--> statement-breakpoint
CREATE TABLE `mec_hosts` (
	`ip` text PRIMARY KEY NOT NULL,
	`site_id` text,
	`facts` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `operation_images` (
	`repository` text NOT NULL,
	`digest` text NOT NULL,
	`size` integer,
	PRIMARY KEY(`repository`, `digest`)
);
--> statement-breakpoint
CREATE TABLE `stores` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`url` text,
	`ca` text,
	`registry` text,
	`registry_user` text,
	`signers` text,
	`producer` text,
	`rules` text NOT NULL,
	`every_minutes` integer,
	`read_at` integer,
	`problem` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `stores_name_unique` ON `stores` (`name`);--> statement-breakpoint
CREATE TABLE `synced_releases` (
	`id` text PRIMARY KEY NOT NULL,
	`store_id` text NOT NULL,
	`store_name` text NOT NULL,
	`app_id` text NOT NULL,
	`release_id` text NOT NULL,
	`name` text NOT NULL,
	`provider` text NOT NULL,
	`version` text NOT NULL,
	`kind` text NOT NULL,
	`type` text NOT NULL,
	`industry` text NOT NULL,
	`architecture` text NOT NULL,
	`description` text NOT NULL,
	`icon_url` text,
	`size` integer NOT NULL,
	`digest` text,
	`published_at` integer NOT NULL,
	`state` text NOT NULL,
	`problem` text,
	`proof` text,
	`images` text NOT NULL,
	`held_digest` text,
	`pending_images` text,
	`synced_at` integer,
	`withdrawn_at` integer,
	`job_id` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `synced_releases_store` ON `synced_releases` (`store_id`,`release_id`);--> statement-breakpoint
CREATE INDEX `synced_releases_app` ON `synced_releases` (`provider`,`name`);--> statement-breakpoint
CREATE INDEX `synced_releases_digest` ON `synced_releases` (`held_digest`);--> statement-breakpoint
CREATE TABLE `packages` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text,
	`owner_id` text NOT NULL,
	`owner_name` text NOT NULL,
	`name` text NOT NULL,
	`provider` text NOT NULL,
	`version` text NOT NULL,
	`kind` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`origin` text NOT NULL,
	`state` text NOT NULL,
	`verification` text,
	`error` text,
	`order` text,
	`file_name` text NOT NULL,
	`size` integer,
	`digest` text,
	`files` text NOT NULL,
	`findings` text NOT NULL,
	`images` text NOT NULL,
	`upload_id` text,
	`job_id` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `packages_upload_id_unique` ON `packages` (`upload_id`);--> statement-breakpoint
CREATE INDEX `packages_project` ON `packages` (`project_id`);--> statement-breakpoint
CREATE INDEX `packages_owner` ON `packages` (`owner_id`);--> statement-breakpoint
CREATE TABLE `registry_logins` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`user` text NOT NULL,
	`hash` text NOT NULL,
	`role` text NOT NULL,
	`right` text NOT NULL,
	`repositories` text NOT NULL,
	`holder` text,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`last_used_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `registry_logins_user_unique` ON `registry_logins` (`user`);--> statement-breakpoint
CREATE UNIQUE INDEX `registry_logins_holder_unique` ON `registry_logins` (`holder`);--> statement-breakpoint
CREATE TABLE `registry_manifests` (
	`role` text NOT NULL,
	`repository` text NOT NULL,
	`digest` text NOT NULL,
	`media_type` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`role`, `repository`, `digest`)
);
--> statement-breakpoint
CREATE TABLE `registry_settings` (
	`role` text PRIMARY KEY NOT NULL,
	`place` text NOT NULL,
	`former` text,
	`next` text,
	`move_job_id` text,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `sites` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`purpose` text NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`config` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sites_name_unique` ON `sites` (`name`);--> statement-breakpoint
CREATE TABLE `store_apps` (
	`row_id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`owner_id` text NOT NULL,
	`owner_name` text NOT NULL,
	`project_id` text,
	`name` text NOT NULL,
	`provider` text NOT NULL,
	`kind` text NOT NULL,
	`type` text NOT NULL,
	`industry` text NOT NULL,
	`architecture` text NOT NULL,
	`description` text NOT NULL,
	`readme` text NOT NULL,
	`icon_type` text,
	`icon` text,
	`release_id` text,
	`version` text,
	`size` integer,
	`published_at` integer,
	`boot_proven` integer DEFAULT false NOT NULL,
	`releases` integer DEFAULT 0 NOT NULL,
	`downloads` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `store_apps_id_unique` ON `store_apps` (`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `store_apps_identity` ON `store_apps` (`provider`,`name`);--> statement-breakpoint
CREATE INDEX `store_apps_published` ON `store_apps` (`published_at`);--> statement-breakpoint
CREATE INDEX `store_apps_downloads` ON `store_apps` (`downloads`);--> statement-breakpoint
CREATE TABLE `store_images` (
	`repository` text NOT NULL,
	`digest` text NOT NULL,
	`size` integer,
	`qcow2_sha256` text,
	PRIMARY KEY(`repository`, `digest`)
);
--> statement-breakpoint
CREATE TABLE `store_releases` (
	`id` text PRIMARY KEY NOT NULL,
	`app_id` text NOT NULL,
	`package_id` text NOT NULL,
	`version` text NOT NULL,
	`notes` text NOT NULL,
	`digest` text NOT NULL,
	`size` integer NOT NULL,
	`file_name` text NOT NULL,
	`images` text NOT NULL,
	`locations` text NOT NULL,
	`files` text NOT NULL,
	`proofs` text NOT NULL,
	`downloads` integer DEFAULT 0 NOT NULL,
	`published_by` text NOT NULL,
	`published_at` integer NOT NULL,
	`unpublished_at` integer,
	FOREIGN KEY (`app_id`) REFERENCES `store_apps`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `store_releases_version` ON `store_releases` (`app_id`,`version`);--> statement-breakpoint
CREATE INDEX `store_releases_digest` ON `store_releases` (`digest`);--> statement-breakpoint
CREATE INDEX `store_releases_package` ON `store_releases` (`package_id`);--> statement-breakpoint
CREATE TABLE `guest_uploads` (
	`id` text PRIMARY KEY NOT NULL,
	`vm_id` text NOT NULL,
	`actor_id` text,
	`path` text NOT NULL,
	`part_path` text NOT NULL,
	`size` integer NOT NULL,
	`received` integer DEFAULT 0 NOT NULL,
	`replace` integer NOT NULL,
	`confirm_later` integer NOT NULL,
	`sender_sha256` text,
	`passed_sha256` text,
	`guest_sha256` text,
	`fingerprint` text,
	`metadata` text NOT NULL,
	`state` text NOT NULL,
	`error` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `guest_uploads_vm` ON `guest_uploads` (`vm_id`,`state`);--> statement-breakpoint
CREATE TABLE `mep_settings` (
	`project_id` text PRIMARY KEY NOT NULL,
	`address` text NOT NULL,
	`port` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `tools` (
	`id` text PRIMARY KEY NOT NULL,
	`name_en` text NOT NULL,
	`name_zh` text NOT NULL,
	`description_en` text NOT NULL,
	`description_zh` text NOT NULL,
	`version` text NOT NULL,
	`script` text NOT NULL,
	`files` text NOT NULL,
	`check_command` text NOT NULL,
	`timeout_seconds` integer NOT NULL,
	`needs_agent` integer NOT NULL,
	`gives_identity` integer NOT NULL,
	`built_in` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `vm_tools` (
	`vm_id` text NOT NULL,
	`tool_id` text NOT NULL,
	`state` text NOT NULL,
	`version` text,
	`job_id` text,
	`error` text,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`vm_id`, `tool_id`)
);
--> statement-breakpoint
CREATE TABLE `project_members` (
	`project_id` text NOT NULL,
	`user_id` text NOT NULL,
	`added_at` integer NOT NULL,
	PRIMARY KEY(`project_id`, `user_id`),
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `project_members_user` ON `project_members` (`user_id`);--> statement-breakpoint
CREATE TABLE `projects` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_id` text NOT NULL,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`version` text NOT NULL,
	`provider` text NOT NULL,
	`description` text NOT NULL,
	`readme` text NOT NULL,
	`industry` text NOT NULL,
	`type` text NOT NULL,
	`architecture` text NOT NULL,
	`icon_type` text,
	`icon` text,
	`ssh_public_key` text NOT NULL,
	`request_key` text,
	`removal_job_id` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `projects_owner_name` ON `projects` (`owner_id`,`name`);--> statement-breakpoint
CREATE TABLE `vm_events` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`vm_id` text NOT NULL,
	`at` integer NOT NULL,
	`kind` text NOT NULL,
	`value` text NOT NULL,
	`detail` text,
	`actor_id` text,
	FOREIGN KEY (`vm_id`) REFERENCES `vms`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `vm_events_vm` ON `vm_events` (`vm_id`,`id`);--> statement-breakpoint
CREATE TABLE `vms` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`name` text NOT NULL,
	`site_id` text NOT NULL,
	`site_ref` text,
	`state` text NOT NULL,
	`reason` text,
	`reason_detail` text,
	`problem` text,
	`flavor` text NOT NULL,
	`vcpus` integer NOT NULL,
	`memory_mib` integer NOT NULL,
	`disk_gib` integer NOT NULL,
	`image_id` text NOT NULL,
	`image_name` text NOT NULL,
	`login` text,
	`network_id` text NOT NULL,
	`network_name` text NOT NULL,
	`address` text,
	`forwards` text NOT NULL,
	`cloud` text,
	`ssh_keys` text NOT NULL,
	`user_data` text,
	`files` text,
	`tool_ids` text NOT NULL,
	`host_key` text,
	`boot_started_at` integer,
	`boot` text NOT NULL,
	`request_key` text,
	`job_id` text,
	`created_by` text,
	`created_at` integer NOT NULL,
	`state_since` integer NOT NULL,
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE restrict
);
--> statement-breakpoint
CREATE UNIQUE INDEX `vms_project_name` ON `vms` (`project_id`,`name`);--> statement-breakpoint
CREATE INDEX `vms_site` ON `vms` (`site_id`,`site_ref`);