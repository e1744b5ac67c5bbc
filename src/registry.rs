//! The list of contexts: what runs behind the requests, and who answers when one asks to its right.

use std::sync::Arc;

use catalog::prices::Offers;
use identity::{
    IdentitySettings,
    customer::{AliyunTextSettings, AliyunTexts, LoggedTexts, Template, TextMessages, WeChatClient, WeChatLogin, WeChatSettings},
};
use kernel::{Clock, seconds};
use platform::{Registry, crypto::sha256_hex, ports::Ports};
use secrecy::ExposeSecret;
use trade::{
    TradeSettings,
    fulfilment::{
        kuaidi100::{Kuaidi100, Kuaidi100Settings},
        tracking::Tracker,
    },
    quote::PlayPrices,
};

use crate::{app::Demo, config::Config};

/// Everything that is registered.
pub fn registry() -> Registry {
    let mut r = Registry::default();
    identity::register(&mut r);
    catalog::register(&mut r);
    promotion::register(&mut r);
    trade::register(&mut r);
    campaign::register(&mut r);
    r
}

/// Who answers when a context asks to its right, and the world outside.
pub fn plug(ports: &mut Ports, config: &Config, (demo, public_url, clock): (Demo, &str, Arc<dyn Clock>)) -> anyhow::Result<()> {
    identity::plug(ports, identity_settings(config, demo, clock)?);
    trade::plug(ports, TradeSettings::new(public_url));
    ports.plug::<dyn PlayPrices>(Arc::new(campaign::play_prices()));
    ports.plug::<dyn Offers>(Arc::new(campaign::offers::CurrentOffers));
    campaign::plug(ports);
    if let (Some(customer), Some(key)) = (&config.kuaidi100_customer, &config.kuaidi100_key) {
        // Whoever does not know the key cannot report: the salt is made of it.
        let key = key.0.expose_secret();
        let salt = sha256_hex(format!("reports:{key}"))[..32].to_owned();
        let settings = Kuaidi100Settings::new(customer, key, (salt, public_url));
        let tracker = Kuaidi100::new(Kuaidi100Settings { base_url: config.kuaidi100_url.0.clone(), ..settings })?;
        ports.plug::<dyn Tracker>(Arc::new(tracker));
    }
    Ok(())
}

fn identity_settings(config: &Config, demo: Demo, clock: Arc<dyn Clock>) -> anyhow::Result<IdentitySettings> {
    let mut settings = IdentitySettings::default();
    if let (Some(appid), Some(secret)) = (&config.wechat_appid, &config.wechat_secret) {
        let wechat = WeChatSettings { base_url: config.wechat_url.0.clone(), ..WeChatSettings::new(appid.clone(), secret.0.clone()) };
        settings.wechat = Arc::new(WeChatClient::new(wechat)?) as Arc<dyn WeChatLogin>;
    }
    if let (Some(access_key), Some(secret), Some(sign_name), Some(template)) =
        (&config.sms_access_key, &config.sms_access_secret, &config.sms_sign_name, &config.sms_template)
    {
        let texts = AliyunTextSettings {
            base_url: config.sms_url.0.clone(),
            access_key: access_key.clone(),
            secret: secret.0.clone(),
            sign_name: sign_name.clone(),
            template: Template { zh: template.clone(), en: config.sms_template_en.clone() },
            due_template: config.sms_template_due.clone().map(|zh| Template { zh, en: config.sms_template_due_en.clone() }),
            timeout: seconds(5),
        };
        settings.texts = Arc::new(AliyunTexts::new(texts, clock)?) as Arc<dyn TextMessages>;
    } else if demo == Demo::Open {
        settings.texts = Arc::new(LoggedTexts) as Arc<dyn TextMessages>;
    }
    Ok(settings)
}
